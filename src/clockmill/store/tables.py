"""The tables of the store: one definition for SQLite and PostgreSQL.

JSON is kept as text that only we read: nothing is ever searched inside it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
)

from clockmill.store.columns import ROW_ID, WORDS, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- the account and who may come in ---------------------------------------------------------

account = Table(
    "account",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("name", WORDS, nullable=False),
    Column("created_on", Instant, nullable=False),
    # Moves on with every change that a signed-in user must feel at the next request.
    Column("identity_version", BigInteger, nullable=False, default=0),
)

roles = Table(
    "roles",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("comment", WORDS),
    Column("created_on", Instant, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("password_hash", WORDS),
    Column("is_disabled", Boolean, nullable=False, default=False),
    Column("default_role", WORDS),
    Column("default_warehouse", WORDS),
    Column("default_database", WORDS),
    Column("default_schema", WORDS),
    Column("comment", WORDS),
    Column("created_on", Instant, nullable=False),
)

user_keys = Table(
    "user_keys",
    metadata,
    Column("user_name", ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("fingerprint", WORDS, nullable=False),
    Column("public_key_pem", WORDS, nullable=False),
    CheckConstraint("slot IN (1, 2)", name="two_slots"),
)

role_grants = Table(
    "role_grants",
    metadata,
    Column("user_name", ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("role_name", ForeignKey("roles.name", ondelete="CASCADE"), primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("user_name", ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("name", WORDS, nullable=False),
    Column("secret_hash", WORDS, nullable=False, unique=True),
    Column("role_restriction", WORDS),
    Column("created_on", Instant, nullable=False),
    Column("expires_on", Instant, nullable=False),
    Column("revoked_on", Instant),
    UniqueConstraint("user_name", "name"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_name", ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", WORDS, nullable=False, unique=True),
    Column("master_hash", WORDS, nullable=False, unique=True),
    Column("token_expires_on", Instant, nullable=False),
    Column("master_expires_on", Instant, nullable=False, index=True),
    Column("closed_on", Instant),
    # The access token it was opened with: revoking that one closes it.
    Column("access_token_id", WORDS),
    Column("role_restriction", WORDS),
    Column("role", WORDS, nullable=False),
    Column("warehouse", WORDS),
    Column("database", WORDS),
    Column("schema", WORDS),
    Column("parameters", WORDS, nullable=False, default="{}"),
    Column("client", WORDS),
    Column("created_on", Instant, nullable=False),
)

# --- what tasks stand on ---------------------------------------------------------------------

databases = Table(
    "databases",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("name", WORDS, nullable=False, unique=True),
    Column("owner", WORDS, nullable=False),
    Column("comment", WORDS),
    Column("options", WORDS, nullable=False, default="{}"),
    Column("created_on", Instant, nullable=False),
)

schemas = Table(
    "schemas",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("database_id", ForeignKey("databases.id"), nullable=False),
    Column("name", WORDS, nullable=False),
    Column("owner", WORDS, nullable=False),
    Column("comment", WORDS),
    Column("options", WORDS, nullable=False, default="{}"),
    Column("created_on", Instant, nullable=False),
    UniqueConstraint("database_id", "name"),
)

warehouses = Table(
    "warehouses",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("name", WORDS, nullable=False, unique=True),
    Column("owner", WORDS, nullable=False),
    Column("size", WORDS, nullable=False),
    Column("slots", Integer),
    Column("is_suspended", Boolean, nullable=False, default=False),
    Column("comment", WORDS),
    Column("options", WORDS, nullable=False, default="{}"),
    Column("created_on", Instant, nullable=False),
    Column("resumed_on", Instant),
    Column("updated_on", Instant, nullable=False),
    # The nodes on which it runs, as a JSON list; None is every node that has its engine.
    Column("nodes", WORDS),
)

tags = Table(
    "tags",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("schema_id", ForeignKey("schemas.id"), nullable=False),
    Column("name", WORDS, nullable=False),
    Column("owner", WORDS, nullable=False),
    Column("allowed_values", WORDS),
    Column("comment", WORDS),
    Column("created_on", Instant, nullable=False),
    UniqueConstraint("schema_id", "name"),
)

tag_assignments = Table(
    "tag_assignments",
    metadata,
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    Column("level", WORDS, primary_key=True),
    Column("object_id", WORDS, primary_key=True),
    Column("value", WORDS, nullable=False),
    Index("ix_tag_assignments_object", "level", "object_id"),
)

# Procedures and functions. Overloads differ in *types*: those of the arguments, without sizes.
routines = Table(
    "routines",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("schema_id", ForeignKey("schemas.id"), nullable=False),
    Column("kind", WORDS, nullable=False),
    Column("name", WORDS, nullable=False),
    Column("types", WORDS, nullable=False),
    Column("owner", WORDS, nullable=False),
    Column("spec", WORDS, nullable=False),
    Column("created_on", Instant, nullable=False),
    Column("changed_on", Instant, nullable=False),
    UniqueConstraint("schema_id", "kind", "name", "types"),
    CheckConstraint("kind IN ('PROCEDURE', 'FUNCTION')", name="kind"),
)

# --- tasks -----------------------------------------------------------------------------------

tasks = Table(
    "tasks",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("schema_id", ForeignKey("schemas.id"), nullable=False),
    Column("name", WORDS, nullable=False),
    Column("owner", WORDS, nullable=False),
    Column("state", WORDS, nullable=False),
    Column("spec", WORDS, nullable=False),
    Column("finalizes", ForeignKey("tasks.id"), unique=True),
    Column("created_on", Instant, nullable=False),
    Column("created_by", WORDS),
    Column("last_committed_on", Instant),
    Column("last_suspended_on", Instant),
    Column("last_suspended_reason", WORDS),
    UniqueConstraint("schema_id", "name"),
    CheckConstraint("state IN ('started', 'suspended')", name="state"),
    # Counted at every resume: an account may have so many started tasks and no more.
    Index(
        "ix_tasks_started",
        "state",
        sqlite_where=text("state = 'started'"),
        postgresql_where=text("state = 'started'"),
    ),
)

task_links = Table(
    "task_links",
    metadata,
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("predecessor_id", ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_task_links_predecessor", "predecessor_id"),
)

# One row for a root that was ever resumed or executed. A row with next_fire_at is due then.
roots = Table(
    "roots",
    metadata,
    Column("task_id", WORDS, primary_key=True),
    Column("graph_version", Integer, nullable=False),
    Column("schedule_base", Instant),
    Column("next_fire_at", Instant, index=True),
    Column("consecutive_failures", Integer, nullable=False, default=0),
    Column("last_success_group_id", WORDS),
    Column("last_success_scheduled_at", Instant),
    # It is due earlier once one of its streams has data.
    Column("awaits_data", Boolean, nullable=False, server_default=false()),
)

# The streams that start a root, by their names, while it is started.
root_streams = Table(
    "root_streams",
    metadata,
    Column("root_id", ForeignKey("roots.task_id", ondelete="CASCADE"), primary_key=True),
    Column("database_name", WORDS, primary_key=True),
    Column("schema_name", WORDS, primary_key=True),
    Column("stream_name", WORDS, primary_key=True),
    Index("ix_root_streams_stream", "database_name", "schema_name", "stream_name"),
)

# The root's id is kept after the task is gone: history outlives it.
graph_versions = Table(
    "graph_versions",
    metadata,
    Column("root_id", WORDS, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("created_on", Instant, nullable=False),
    Column("created_by", WORDS),
    Column("fingerprint", WORDS, nullable=False),
    Column("graph", WORDS, nullable=False),
)

# --- runs ------------------------------------------------------------------------------------

graph_runs = Table(
    "graph_runs",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("group_id", WORDS, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("root_id", WORDS, nullable=False),
    Column("root_name", WORDS, nullable=False),
    Column("database_name", WORDS, nullable=False),
    Column("schema_name", WORDS, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", WORDS, nullable=False),
    Column("origin", WORDS, nullable=False),
    Column("overlap_policy", WORDS, nullable=False),
    Column("scheduled_at", Instant, nullable=False),
    Column("original_scheduled_at", Instant, nullable=False),
    Column("next_scheduled_at", Instant),
    Column("started_at", Instant),
    Column("root_ended_at", Instant),
    Column("completed_at", Instant),
    Column("config", WORDS),
    Column("last_success_group_id", WORDS),
    Column("last_success_scheduled_at", Instant),
    Column("first_error_task", WORDS),
    Column("first_error_code", WORDS),
    Column("first_error_message", WORDS),
    # An executing run without one was let go, or lost, by its owner: any node may adopt it.
    Column("owner_node", WORDS),
    Column("epoch", Integer, nullable=False, default=0),
    Column("scheduled_by", WORDS),
    # What a node must have to own it; None is any node. See clockmill.core.placement.
    Column("needs", WORDS),
    UniqueConstraint("group_id", "attempt"),
    Index("ix_graph_runs_root_scheduled", "root_id", "scheduled_at"),
    # By name, because what a replaced task has done still shows under its name.
    Index("ix_graph_runs_name_completed", "root_name", "completed_at"),
    Index("ix_graph_runs_completed", "completed_at"),
    # What is asked of one database or schema among many.
    Index("ix_graph_runs_place", "database_name", "schema_name", "scheduled_at"),
    Index(
        "ix_graph_runs_queued",
        "id",
        sqlite_where=text("state = 'QUEUED'"),
        postgresql_where=text("state = 'QUEUED'"),
    ),
    Index(
        "ix_graph_runs_owner",
        "owner_node",
        sqlite_where=text("state = 'EXECUTING'"),
        postgresql_where=text("state = 'EXECUTING'"),
    ),
    Index(
        "ix_graph_runs_open",
        "root_id",
        sqlite_where=text("state IN ('QUEUED', 'EXECUTING')"),
        postgresql_where=text("state IN ('QUEUED', 'EXECUTING')"),
    ),
    # Two nodes that fire the same root for the same instant make one run.
    Index(
        "uq_graph_runs_fire",
        "root_id",
        "scheduled_at",
        unique=True,
        sqlite_where=text("origin = 'SCHEDULE' AND attempt = 1"),
        postgresql_where=text("origin = 'SCHEDULE' AND attempt = 1"),
    ),
    CheckConstraint(
        "state IN ('QUEUED', 'EXECUTING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'SKIPPED')", name="state"
    ),
)

_IS_TASK_ERROR = text("state IN ('FAILED', 'FAILED_AND_AUTO_SUSPENDED', 'CANCELLED')")

task_runs = Table(
    "task_runs",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("graph_run_id", ForeignKey("graph_runs.id", ondelete="CASCADE"), nullable=False),
    Column("task_id", WORDS, nullable=False),
    Column("task_name", WORDS, nullable=False),
    Column("state", WORDS, nullable=False),
    Column("query_id", WORDS, unique=True),
    Column("scheduled_at", Instant, nullable=False, index=True),
    Column("started_at", Instant),
    Column("completed_at", Instant),
    Column("return_value", WORDS),
    Column("error_code", WORDS),
    Column("error_message", WORDS),
    Column("is_system_error", Boolean, nullable=False, default=False),
    # How often its body was begun: more than once if its node died meanwhile.
    Column("executions", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("graph_run_id", "task_id"),
    # The history of one task, whose name is compared in any case; and what has failed, of all.
    Index("ix_task_runs_name", text("upper(task_name)"), "scheduled_at"),
    Index(
        "ix_task_runs_errors", "scheduled_at", sqlite_where=_IS_TASK_ERROR, postgresql_where=_IS_TASK_ERROR
    ),
    Index(
        "ix_task_runs_name_errors",
        text("upper(task_name)"),
        "scheduled_at",
        sqlite_where=_IS_TASK_ERROR,
        postgresql_where=_IS_TASK_ERROR,
    ),
    CheckConstraint(
        "state IN ('EXECUTING', 'SUCCEEDED', 'FAILED', 'FAILED_AND_AUTO_SUSPENDED', 'CANCELLED', 'SKIPPED')",
        name="state",
    ),
)

# What somebody wants of a graph run that has an owner; the owner takes it up.
commands = Table(
    "commands",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("graph_run_id", ForeignKey("graph_runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", WORDS, nullable=False),
    Column("task_id", WORDS),
    Column("created_on", Instant, nullable=False),
)

# Fires of a started root that began no run, in a row and for one reason.
skipped_fires = Table(
    "skipped_fires",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("root_id", WORDS, nullable=False),
    Column("root_name", WORDS, nullable=False),
    Column("database_name", WORDS, nullable=False),
    Column("schema_name", WORDS, nullable=False),
    Column("first_due_at", Instant, nullable=False),
    Column("last_due_at", Instant, nullable=False),
    Column("fires", BigInteger, nullable=False),
    Column("reason", WORDS, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_skipped_fires_root", "root_id", "last_due_at"),
    Index("ix_skipped_fires_recorded", "recorded_at"),
)

# --- nodes -----------------------------------------------------------------------------------

# A running server process. It owns what it owns as long as its lease lasts; a process that starts
# under the same name is another incarnation.
nodes = Table(
    "nodes",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("incarnation", WORDS, nullable=False),
    Column("address", WORDS),
    Column("state", WORDS, nullable=False),
    Column("version", WORDS, nullable=False),
    Column("started_on", Instant, nullable=False),
    Column("lease_until", Instant, nullable=False),
    # The data folder that it runs on: whoever has that folder knows that nobody else runs on it.
    Column("home", WORDS, nullable=False),
    CheckConstraint("state IN ('ACTIVE', 'DRAINING', 'STOPPED')", name="state"),
)

# Where an engine's data is: its file belongs to one node.
engines = Table(
    "engines",
    metadata,
    Column("name", WORDS, primary_key=True),
    Column("node", WORDS, nullable=False),
    Column("file_id", WORDS, nullable=False),
    Column("path", WORDS, nullable=False),
    Column("created_on", Instant, nullable=False),
)

# --- statements ------------------------------------------------------------------------------

queries = Table(
    "queries",
    metadata,
    Column("id", WORDS, primary_key=True),
    Column("session_id", BigInteger),
    Column("user_name", WORDS, nullable=False),
    Column("role", WORDS, nullable=False),
    Column("warehouse", WORDS),
    Column("database", WORDS),
    Column("schema", WORDS),
    Column("text", WORDS, nullable=False),
    Column("kind", WORDS),
    Column("tag", WORDS),
    Column("state", WORDS, nullable=False),
    Column("rows", BigInteger),
    Column("error_code", WORDS),
    Column("error_message", WORDS),
    Column("started_at", Instant, nullable=False),
    Column("completed_at", Instant),
    # The history is told by when statements ended: of all, of a user, of a session, of a warehouse,
    # and to whoever may see only those of some roles.
    Index("ix_queries_completed", "completed_at"),
    Index("ix_queries_user", "user_name", "completed_at"),
    Index("ix_queries_session", "session_id", "completed_at"),
    Index("ix_queries_warehouse", "warehouse", "completed_at"),
    Index("ix_queries_role", "role", "completed_at"),
)
