"""The service's own names and texts, the browser of a session, and the code that signs a centre's tablet out"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_details",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_service_details")),
    )
    op.create_table(
        "centre_codes",
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("stop", name=op.f("pk_centre_codes")),
    )
    op.add_column("sessions", sa.Column("browser", sa.String(length=80), server_default="", nullable=False))
