"""Stored procedures and functions"""

import sqlalchemy as sa
from alembic import op

from clockmill.store.columns import WORDS, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routines",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("schema_id", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("types", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("spec", WORDS, nullable=False),
        sa.Column("created_on", Instant(), nullable=False),
        sa.Column("changed_on", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('PROCEDURE', 'FUNCTION')", name=op.f("ck_routines_kind")),
        sa.ForeignKeyConstraint(["schema_id"], ["schemas.id"], name=op.f("fk_routines_schema_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routines")),
        sa.UniqueConstraint(
            "schema_id", "kind", "name", "types", name=op.f("uq_routines_schema_id_kind_name_types")
        ),
    )
