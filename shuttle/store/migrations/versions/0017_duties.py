"""Duties of timetables, assignments to drivers, and drivers' calendar addresses"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_IN_FORCE = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "planned_duties",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("timetable", sa.String(length=80), nullable=False),
        sa.Column("day_type", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("trips", Document, nullable=False),
        sa.Column("breaks", Document, nullable=False),
        sa.ForeignKeyConstraint(["timetable"], ["timetables.id"], name=op.f("fk_planned_duties_timetable")),
        sa.ForeignKeyConstraint(["day_type"], ["day_types.id"], name=op.f("fk_planned_duties_day_type")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_planned_duties")),
        sa.UniqueConstraint(
            "timetable", "day_type", "number", name=op.f("uq_planned_duties_timetable_day_type_number")
        ),
    )
    op.create_index(op.f("ix_planned_duties_timetable"), "planned_duties", ["timetable"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("timetable", sa.String(length=80), nullable=False),
        sa.Column("duty", sa.String(length=100), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["timetable"], ["timetables.id"], name=op.f("fk_assignments_timetable")),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_assignments_account")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_assignments")),
    )
    for name, columns in (("one_driver", ["date", "timetable", "duty"]), ("one_duty", ["account", "date"])):
        op.create_index(
            f"uq_assignments_{name}",
            "assignments",
            columns,
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        )
    op.create_table(
        "duty_calendars",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_duty_calendars_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_duty_calendars")),
        sa.UniqueConstraint("secret", name=op.f("uq_duty_calendars_secret")),
    )
