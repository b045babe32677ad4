"""Roots that streams start"""

import sqlalchemy as sa
from alembic import op

from clockmill.store.columns import WORDS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roots", sa.Column("awaits_data", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "root_streams",
        sa.Column("root_id", WORDS, nullable=False),
        sa.Column("database_name", WORDS, nullable=False),
        sa.Column("schema_name", WORDS, nullable=False),
        sa.Column("stream_name", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["root_id"],
            ["roots.task_id"],
            name=op.f("fk_root_streams_root_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "root_id", "database_name", "schema_name", "stream_name", name=op.f("pk_root_streams")
        ),
    )
    op.create_index("ix_root_streams_stream", "root_streams", ["database_name", "schema_name", "stream_name"])
