"""The schedule: network, calendar, timetables, publications, changes, and the audit log"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", Document, nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_at"), "acts", ["at"], unique=False)
    op.create_table(
        "day_types",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("nb", sa.String(length=120), nullable=False),
        sa.Column("nn", sa.String(length=120), nullable=False),
        sa.Column("en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_types")),
    )
    op.create_table(
        "opening_hours",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("day_type", sa.String(length=80), nullable=False),
        sa.Column("windows", Document, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_opening_hours")),
    )
    op.create_index(op.f("ix_opening_hours_stop"), "opening_hours", ["stop"], unique=False)
    op.create_table(
        "overrides",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("day_type", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_overrides")),
    )
    op.create_index(
        "uq_overrides_date_in_force",
        "overrides",
        ["date"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "patterns",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("headsign", sa.String(length=120), nullable=False),
        sa.Column("direction", sa.Integer(), nullable=False),
        sa.Column("stops", Document, nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patterns")),
    )
    op.create_table(
        "running_times",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("destination", sa.String(length=80), nullable=False),
        sa.Column("bands", Document, nullable=False),
        sa.Column("km", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_running_times")),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base_stop", sa.String(length=80), nullable=False),
        sa.Column("costs", Document, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_service_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_table(
        "special_days",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("nb", sa.String(length=120), nullable=False),
        sa.Column("nn", sa.String(length=120), nullable=False),
        sa.Column("en", sa.String(length=120), nullable=False),
        sa.Column("day_type", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("date", "key", name=op.f("pk_special_days")),
    )
    op.create_table(
        "special_hours",
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("windows", Document, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("stop", "date", name=op.f("pk_special_hours")),
    )
    op.create_table(
        "stops",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_id"), "stops", ["id"], unique=False)
    op.create_table(
        "timetables",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("origin", Document, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetables")),
    )
    op.create_table(
        "vehicles",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("wheelchair_places", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_vehicles")),
    )
    op.create_index(op.f("ix_vehicles_id"), "vehicles", ["id"], unique=False)
    op.create_table(
        "week",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day_type", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_week")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("trip", sa.String(length=200), nullable=True),
        sa.Column("pattern", sa.String(length=80), nullable=True),
        sa.Column("departs", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["pattern"], ["patterns.id"], name=op.f("fk_changes_pattern")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_first_date"), "changes", ["first_date"], unique=False)
    op.create_table(
        "publications",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("timetable", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("published_by", sa.String(length=120), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_publications_ends_after_beginning")
        ),
        sa.ForeignKeyConstraint(["timetable"], ["timetables.id"], name=op.f("fk_publications_timetable")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_timetable"), "publications", ["timetable"], unique=False)
    op.create_table(
        "trips",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("timetable", sa.String(length=80), nullable=False),
        sa.Column("trip", sa.String(length=200), nullable=False),
        sa.Column("pattern", sa.String(length=80), nullable=False),
        sa.Column("day_type", sa.String(length=80), nullable=False),
        sa.Column("departs", sa.Integer(), nullable=False),
        sa.Column("calls", Document, nullable=True),
        sa.ForeignKeyConstraint(["day_type"], ["day_types.id"], name=op.f("fk_trips_day_type")),
        sa.ForeignKeyConstraint(["pattern"], ["patterns.id"], name=op.f("fk_trips_pattern")),
        sa.ForeignKeyConstraint(["timetable"], ["timetables.id"], name=op.f("fk_trips_timetable")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_trips")),
        sa.UniqueConstraint("timetable", "trip", name=op.f("uq_trips_timetable_trip")),
    )
    op.create_index(op.f("ix_trips_timetable"), "trips", ["timetable"], unique=False)
    publications_never_overlap()


def publications_never_overlap() -> None:
    """Two publications in force share no date: an exclusion constraint on PostgreSQL, two triggers on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE publications ADD CONSTRAINT publications_never_overlap EXCLUDE USING gist "
            "(daterange(valid_from, valid_to, '[]') WITH &&) WHERE (withdrawn_at IS NULL)"
        )
        return
    for name, event in (("insert", "INSERT"), ("update", "UPDATE OF valid_from, valid_to, withdrawn_at")):
        op.execute(
            f"""
            CREATE TRIGGER publications_never_overlap_{name} BEFORE {event} ON publications
            WHEN NEW.withdrawn_at IS NULL AND EXISTS (
                SELECT 1 FROM publications AS other
                WHERE other.withdrawn_at IS NULL AND other.row IS NOT NEW.row
                AND other.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')
                AND NEW.valid_from <= COALESCE(other.valid_to, '9999-12-31')
            )
            BEGIN SELECT RAISE(ABORT, 'publications_never_overlap'); END
            """
        )
