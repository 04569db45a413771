"""Freeze with a list how its order is seated, and keep what came up until the draw, with a digest of what everybody became."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEPT = ("seating", "employers", "since")


def upgrade() -> None:
    for name in KEPT:
        op.add_column("panel_draw", sa.Column(name, sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("panel_draw", sa.Column("outcome_digest", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("outcome_digest", *KEPT):
        op.drop_column("panel_draw", name)
