"""Runs of tasks by when they were scheduled"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_runs_scheduled_at", "task_runs", ["scheduled_at"])
