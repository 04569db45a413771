"""Hold lotteries among borderline dossiers, committed to before they are drawn."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lottery",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("applications", sa.JSON(), nullable=False),
        sa.Column("list_digest", sa.String(length=64), nullable=False),
        sa.Column("opened_by_id", KEY, nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("drawn_order", sa.JSON(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["opened_by_id"], ["account.id"], name=op.f("fk_lottery_opened_by_id_account")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_lottery_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lottery_public_id")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_lottery_round_id_number")),
    )
    op.create_table(
        "lottery_secret",
        sa.Column("lottery_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("who", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_lottery_secret_account_id_account")),
        sa.ForeignKeyConstraint(["lottery_id"], ["lottery.id"], name=op.f("fk_lottery_secret_lottery_id_lottery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery_secret")),
        sa.UniqueConstraint("lottery_id", "account_id", name=op.f("uq_lottery_secret_lottery_id_account_id")),
    )


def downgrade() -> None:
    op.drop_table("lottery_secret")
    op.drop_table("lottery")
