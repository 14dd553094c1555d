"""Acts on facts, with what was there before; what passengers need to find a stop; and cost rates with their dates"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("name_nn", 120), ("name_en", 120), ("street", 200), ("way", 400), ("quay", 20)):
        op.add_column("stops", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.add_column("stops", sa.Column("wheelchair", sa.Boolean(), nullable=True))
    op.create_table(
        "fact_acts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("before", Document(), nullable=False),
        sa.Column("after", Document(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("undone_by", sa.String(length=120), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_acts")),
        sa.UniqueConstraint("position", name=op.f("uq_fact_acts_position")),
    )
    costs = op.create_table(
        "costs",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("nok_per_driver_hour", sa.Double(), nullable=False),
        sa.Column("nok_per_km", sa.Double(), nullable=False),
        sa.Column("supplements", Document(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("assumed_reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_costs")),
    )
    service = sa.table("service", sa.column("costs", Document()))
    for document in op.get_bind().scalars(sa.select(service.c.costs)).all():
        rates = {name: document[name] for name in ("nok_per_driver_hour", "nok_per_km", "supplements")}
        by = document["provenance"]
        sourced = {"source": by["source"], "assumed": by["assumed"], "assumed_reason": by["reason"]}
        op.bulk_insert(costs, [{**rates, **sourced}])
    op.drop_column("service", "costs")
