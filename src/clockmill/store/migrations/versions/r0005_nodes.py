"""Nodes and their leases, what runs ask of a node, fires that began no run, and indexes for long histories"""

import sqlalchemy as sa
from alembic import op

from clockmill.store.columns import WORDS, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "nodes",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("incarnation", WORDS, nullable=False),
        sa.Column("address", WORDS),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("version", WORDS, nullable=False),
        sa.Column("started_on", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=False),
        sa.Column("home", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nodes")),
        sa.UniqueConstraint("number", name=op.f("uq_nodes_number")),
        sa.CheckConstraint("state IN ('ACTIVE', 'DRAINING', 'STOPPED')", name=op.f("ck_nodes_state")),
    )
    op.create_table(
        "engines",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("node", WORDS, nullable=False),
        sa.Column("file_id", WORDS, nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_engines")),
    )
    op.create_table(
        "skipped_fires",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("root_id", WORDS, nullable=False),
        sa.Column("root_name", WORDS, nullable=False),
        sa.Column("database_name", WORDS, nullable=False),
        sa.Column("schema_name", WORDS, nullable=False),
        sa.Column("first_due_at", Instant(), nullable=False),
        sa.Column("last_due_at", Instant(), nullable=False),
        sa.Column("fires", Instant(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skipped_fires")),
    )
    op.create_index("ix_skipped_fires_root", "skipped_fires", ["root_id", "last_due_at"])
    op.create_index("ix_skipped_fires_recorded", "skipped_fires", ["recorded_at"])
    op.add_column("graph_runs", sa.Column("needs", WORDS))
    op.create_index(
        "ix_graph_runs_owner",
        "graph_runs",
        ["owner_node"],
        sqlite_where=sa.text("state = 'EXECUTING'"),
        postgresql_where=sa.text("state = 'EXECUTING'"),
    )
    op.add_column(
        "task_runs", sa.Column("executions", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.add_column("warehouses", sa.Column("nodes", WORDS))
    _index_history()


def _index_history() -> None:
    op.create_index("ix_graph_runs_place", "graph_runs", ["database_name", "schema_name", "scheduled_at"])
    op.create_index("ix_task_runs_name", "task_runs", [sa.text("upper(task_name)"), "scheduled_at"])
    errors = sa.text("state IN ('FAILED', 'FAILED_AND_AUTO_SUSPENDED', 'CANCELLED')")
    op.create_index(
        "ix_task_runs_errors", "task_runs", ["scheduled_at"], sqlite_where=errors, postgresql_where=errors
    )
    op.create_index(
        "ix_task_runs_name_errors",
        "task_runs",
        [sa.text("upper(task_name)"), "scheduled_at"],
        sqlite_where=errors,
        postgresql_where=errors,
    )
    op.drop_index("ix_queries_started_at", "queries")
    op.create_index("ix_queries_completed", "queries", ["completed_at"])
    for name, column in (
        ("user", "user_name"),
        ("session", "session_id"),
        ("warehouse", "warehouse"),
        ("role", "role"),
    ):
        op.create_index(f"ix_queries_{name}", "queries", [column, "completed_at"])
