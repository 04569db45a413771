"""Keep what becomes of a pilot's goods, year by year."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "after_use",
        sa.Column("pilot_id", KEY, nullable=False),
        sa.Column("year", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("live_reference", sa.Boolean(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_after_use_by_id_account")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_after_use_pilot_id_pilot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_after_use")),
        sa.UniqueConstraint("pilot_id", "year", name=op.f("uq_after_use_pilot_id_year")),
    )


def downgrade() -> None:
    op.drop_table("after_use")
