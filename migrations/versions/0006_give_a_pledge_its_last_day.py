"""Give a pledge its last day; letters accepted before have none and never lapse."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitation", sa.Column("pledge_by", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("invitation") as table:
        table.drop_column("pledge_by")
