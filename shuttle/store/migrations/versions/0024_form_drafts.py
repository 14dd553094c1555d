"""What a planner has typed in a form and not yet saved"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_drafts",
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("form", sa.String(length=120), nullable=False),
        sa.Column("inputs", Document(), nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("person", "form", name=op.f("pk_form_drafts")),
    )
    op.create_index(op.f("ix_form_drafts_kept_at"), "form_drafts", ["kept_at"])
