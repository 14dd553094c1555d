"""Layers of publications, so that a temporary timetable gives way again; acts that may be undone; early closings"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shuttle.store.tables.base import Moment

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("publications", sa.Column("layer", sa.Integer(), server_default="0", nullable=False))
    publications_of_a_layer_never_overlap()
    op.add_column("day_types", sa.Column("like", sa.String(length=80), nullable=True))
    op.create_table(
        "undoable_acts",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column(
            "before", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("undone_by", sa.String(length=120), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_undoable_acts")),
    )
    op.create_table(
        "early_closings",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_early_closings")),
    )
    in_force = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "uq_early_closings_in_force",
        "early_closings",
        ["stop", "date"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )


def publications_of_a_layer_never_overlap() -> None:
    """Two publications of one layer share no date: an exclusion constraint on PostgreSQL, two triggers on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE publications DROP CONSTRAINT publications_never_overlap")
        op.execute(
            "ALTER TABLE publications ADD CONSTRAINT publications_never_overlap EXCLUDE USING gist "
            "(int4range(layer, layer, '[]') WITH &&, daterange(valid_from, valid_to, '[]') WITH &&) "
            "WHERE (withdrawn_at IS NULL)"
        )
        return
    for name, event in (("insert", "INSERT"), ("update", "UPDATE OF valid_from, valid_to, withdrawn_at, layer")):
        op.execute(f"DROP TRIGGER publications_never_overlap_{name}")
        op.execute(
            f"""
            CREATE TRIGGER publications_never_overlap_{name} BEFORE {event} ON publications
            WHEN NEW.withdrawn_at IS NULL AND EXISTS (
                SELECT 1 FROM publications AS other
                WHERE other.withdrawn_at IS NULL AND other.row IS NOT NEW.row AND other.layer = NEW.layer
                AND other.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')
                AND NEW.valid_from <= COALESCE(other.valid_to, '9999-12-31')
            )
            BEGIN SELECT RAISE(ABORT, 'publications_never_overlap'); END
            """
        )
