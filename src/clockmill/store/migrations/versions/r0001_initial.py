"""The tables of the first version"""

import sqlalchemy as sa
from alembic import op

from clockmill.store.columns import WORDS, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.Column("identity_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "databases",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("options", WORDS, nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_databases")),
        sa.UniqueConstraint("name", name=op.f("uq_databases_name")),
    )
    op.create_table(
        "graph_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", WORDS, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("root_id", WORDS, nullable=False),
        sa.Column("root_name", WORDS, nullable=False),
        sa.Column("database_name", WORDS, nullable=False),
        sa.Column("schema_name", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("overlap_policy", WORDS, nullable=False),
        sa.Column("scheduled_at", Instant(), nullable=False),
        sa.Column("original_scheduled_at", Instant(), nullable=False),
        sa.Column("next_scheduled_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("root_ended_at", Instant(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("config", WORDS, nullable=True),
        sa.Column("last_success_group_id", WORDS, nullable=True),
        sa.Column("last_success_scheduled_at", Instant(), nullable=True),
        sa.Column("first_error_task", WORDS, nullable=True),
        sa.Column("first_error_code", WORDS, nullable=True),
        sa.Column("first_error_message", WORDS, nullable=True),
        sa.Column("owner_node", WORDS, nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("scheduled_by", WORDS, nullable=True),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'EXECUTING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'SKIPPED')",
            name=op.f("ck_graph_runs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_graph_runs")),
        sa.UniqueConstraint("group_id", "attempt", name=op.f("uq_graph_runs_group_id_attempt")),
    )
    with op.batch_alter_table("graph_runs", schema=None) as batch_op:
        batch_op.create_index("ix_graph_runs_completed", ["completed_at"], unique=False)
        batch_op.create_index("ix_graph_runs_name_completed", ["root_name", "completed_at"], unique=False)
        batch_op.create_index(
            "ix_graph_runs_open",
            ["root_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('QUEUED', 'EXECUTING')"),
            postgresql_where=sa.text("state IN ('QUEUED', 'EXECUTING')"),
        )
        batch_op.create_index(
            "ix_graph_runs_queued",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'QUEUED'"),
            postgresql_where=sa.text("state = 'QUEUED'"),
        )
        batch_op.create_index("ix_graph_runs_root_scheduled", ["root_id", "scheduled_at"], unique=False)
        batch_op.create_index(
            "uq_graph_runs_fire",
            ["root_id", "scheduled_at"],
            unique=True,
            sqlite_where=sa.text("origin = 'SCHEDULE' AND attempt = 1"),
            postgresql_where=sa.text("origin = 'SCHEDULE' AND attempt = 1"),
        )

    op.create_table(
        "graph_versions",
        sa.Column("root_id", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.Column("created_by", WORDS, nullable=True),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("graph", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("root_id", "version", name=op.f("pk_graph_versions")),
    )
    op.create_table(
        "queries",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("warehouse", WORDS, nullable=True),
        sa.Column("database", WORDS, nullable=True),
        sa.Column("schema", WORDS, nullable=True),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("tag", WORDS, nullable=True),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("error_code", WORDS, nullable=True),
        sa.Column("error_message", WORDS, nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queries")),
    )
    with op.batch_alter_table("queries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_queries_started_at"), ["started_at"], unique=False)

    op.create_table(
        "roles",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roles")),
    )
    op.create_table(
        "roots",
        sa.Column("task_id", WORDS, nullable=False),
        sa.Column("graph_version", sa.Integer(), nullable=False),
        sa.Column("schedule_base", Instant(), nullable=True),
        sa.Column("next_fire_at", Instant(), nullable=True),
        sa.Column("consecutive_failures", sa.Integer(), nullable=False),
        sa.Column("last_success_group_id", WORDS, nullable=True),
        sa.Column("last_success_scheduled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_roots")),
    )
    with op.batch_alter_table("roots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roots_next_fire_at"), ["next_fire_at"], unique=False)

    op.create_table(
        "users",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("password_hash", WORDS, nullable=True),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("default_role", WORDS, nullable=True),
        sa.Column("default_warehouse", WORDS, nullable=True),
        sa.Column("default_database", WORDS, nullable=True),
        sa.Column("default_schema", WORDS, nullable=True),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "warehouses",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("size", WORDS, nullable=False),
        sa.Column("slots", sa.Integer(), nullable=True),
        sa.Column("is_suspended", sa.Boolean(), nullable=False),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("options", WORDS, nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.Column("resumed_on", Instant(), nullable=True),
        sa.Column("updated_on", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouses")),
        sa.UniqueConstraint("name", name=op.f("uq_warehouses_name")),
    )
    op.create_table(
        "commands",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("graph_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("task_id", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["graph_run_id"], ["graph_runs.id"], name=op.f("fk_commands_graph_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    with op.batch_alter_table("commands", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commands_graph_run_id"), ["graph_run_id"], unique=False)

    op.create_table(
        "role_grants",
        sa.Column("user_name", WORDS, nullable=False),
        sa.Column("role_name", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["role_name"], ["roles.name"], name=op.f("fk_role_grants_role_name"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_role_grants_user_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_name", "role_name", name=op.f("pk_role_grants")),
    )
    op.create_table(
        "schemas",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("database_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("options", WORDS, nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["database_id"], ["databases.id"], name=op.f("fk_schemas_database_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemas")),
        sa.UniqueConstraint("database_id", "name", name=op.f("uq_schemas_database_id_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_name", WORDS, nullable=False),
        sa.Column("token_hash", WORDS, nullable=False),
        sa.Column("master_hash", WORDS, nullable=False),
        sa.Column("token_expires_on", Instant(), nullable=False),
        sa.Column("master_expires_on", Instant(), nullable=False),
        sa.Column("closed_on", Instant(), nullable=True),
        sa.Column("access_token_id", WORDS, nullable=True),
        sa.Column("role_restriction", WORDS, nullable=True),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("warehouse", WORDS, nullable=True),
        sa.Column("database", WORDS, nullable=True),
        sa.Column("schema", WORDS, nullable=True),
        sa.Column("parameters", WORDS, nullable=False),
        sa.Column("client", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_sessions_user_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("master_hash", name=op.f("uq_sessions_master_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_master_expires_on"), ["master_expires_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sessions_user_name"), ["user_name"], unique=False)

    op.create_table(
        "task_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("graph_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", WORDS, nullable=False),
        sa.Column("task_name", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("query_id", WORDS, nullable=True),
        sa.Column("scheduled_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("return_value", WORDS, nullable=True),
        sa.Column("error_code", WORDS, nullable=True),
        sa.Column("error_message", WORDS, nullable=True),
        sa.Column("is_system_error", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('EXECUTING', 'SUCCEEDED', 'FAILED', 'FAILED_AND_AUTO_SUSPENDED', 'CANCELLED', 'SKIPPED')",  # noqa: E501
            name=op.f("ck_task_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["graph_run_id"], ["graph_runs.id"], name=op.f("fk_task_runs_graph_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_runs")),
        sa.UniqueConstraint("graph_run_id", "task_id", name=op.f("uq_task_runs_graph_run_id_task_id")),
        sa.UniqueConstraint("query_id", name=op.f("uq_task_runs_query_id")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("user_name", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("secret_hash", WORDS, nullable=False),
        sa.Column("role_restriction", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.Column("expires_on", Instant(), nullable=False),
        sa.Column("revoked_on", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_tokens_user_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
        sa.UniqueConstraint("user_name", "name", name=op.f("uq_tokens_user_name_name")),
    )
    op.create_table(
        "user_keys",
        sa.Column("user_name", WORDS, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("public_key_pem", WORDS, nullable=False),
        sa.CheckConstraint("slot IN (1, 2)", name=op.f("ck_user_keys_two_slots")),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_user_keys_user_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_name", "slot", name=op.f("pk_user_keys")),
    )
    op.create_table(
        "tags",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("schema_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("allowed_values", WORDS, nullable=True),
        sa.Column("comment", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["schema_id"], ["schemas.id"], name=op.f("fk_tags_schema_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("schema_id", "name", name=op.f("uq_tags_schema_id_name")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("schema_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("spec", WORDS, nullable=False),
        sa.Column("finalizes", WORDS, nullable=True),
        sa.Column("created_on", Instant(), nullable=False),
        sa.Column("created_by", WORDS, nullable=True),
        sa.Column("last_committed_on", Instant(), nullable=True),
        sa.Column("last_suspended_on", Instant(), nullable=True),
        sa.Column("last_suspended_reason", WORDS, nullable=True),
        sa.CheckConstraint("state IN ('started', 'suspended')", name=op.f("ck_tasks_state")),
        sa.ForeignKeyConstraint(["finalizes"], ["tasks.id"], name=op.f("fk_tasks_finalizes")),
        sa.ForeignKeyConstraint(["schema_id"], ["schemas.id"], name=op.f("fk_tasks_schema_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("finalizes", name=op.f("uq_tasks_finalizes")),
        sa.UniqueConstraint("schema_id", "name", name=op.f("uq_tasks_schema_id_name")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tasks_started",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state = 'started'"),
            postgresql_where=sa.text("state = 'started'"),
        )

    op.create_table(
        "tag_assignments",
        sa.Column("tag_id", WORDS, nullable=False),
        sa.Column("level", WORDS, nullable=False),
        sa.Column("object_id", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tags.id"], name=op.f("fk_tag_assignments_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tag_id", "level", "object_id", name=op.f("pk_tag_assignments")),
    )
    with op.batch_alter_table("tag_assignments", schema=None) as batch_op:
        batch_op.create_index("ix_tag_assignments_object", ["level", "object_id"], unique=False)

    op.create_table(
        "task_links",
        sa.Column("task_id", WORDS, nullable=False),
        sa.Column("predecessor_id", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["tasks.id"], name=op.f("fk_task_links_predecessor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_task_links_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "predecessor_id", name=op.f("pk_task_links")),
    )
    with op.batch_alter_table("task_links", schema=None) as batch_op:
        batch_op.create_index("ix_task_links_predecessor", ["predecessor_id"], unique=False)
