"""Store what was read out of files: one reading a content, its pages."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0005"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reader", KEY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("n_pages", KEY, nullable=False),
        sa.Column("n_chars", KEY, nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name=op.f("ck_reading_state")),
        sa.CheckConstraint("state = 'waiting' OR read_at IS NOT NULL", name=op.f("ck_reading_read")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("sha256", "reader", name=op.f("uq_reading_sha256_reader")),
    )
    op.create_table(
        "reading_page",
        sa.Column("reading_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Text(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_reading_page_reading_id_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_page")),
        sa.UniqueConstraint("reading_id", "number", name=op.f("uq_reading_page_reading_id_number")),
    )


def downgrade() -> None:
    op.drop_table("reading_page")
    op.drop_table("reading")
