"""Undo history of drafts"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_edits",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("timetable", sa.String(length=80), nullable=False),
        sa.Column("removed", Document, nullable=False),
        sa.Column("added", Document, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["timetable"], ["timetables.id"], name=op.f("fk_draft_edits_timetable_timetables")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_draft_edits")),
    )
    op.create_index(op.f("ix_draft_edits_timetable"), "draft_edits", ["timetable"], unique=False)
