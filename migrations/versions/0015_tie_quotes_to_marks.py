"""Keep the words of a document that speak for a mark, with file and page."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mark", sa.Column("quotes", sa.JSON(), nullable=True))  # in place: its triggers stay


def downgrade() -> None:
    op.drop_column("mark", "quotes")
