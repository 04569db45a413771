"""Draw panels by lot: a frozen list, two committed secrets, and the run that follows."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "panel_draw",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("base_id", KEY, nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("rules_digest", sa.String(length=64), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("list_digest", sa.String(length=64), nullable=False),
        sa.Column("listed", sa.JSON(), nullable=False),
        sa.Column("frozen_by_id", KEY, nullable=True),
        sa.Column("frozen_at", UtcDateTime(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("drawn_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["match_run.id"], name=op.f("fk_panel_draw_base_id_match_run")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["account.id"], name=op.f("fk_panel_draw_frozen_by_id_account")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_panel_draw_round_id_round")),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_panel_draw_run_id_match_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_draw")),
        sa.UniqueConstraint("public_id", name=op.f("uq_panel_draw_public_id")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_panel_draw_round_id_number")),
    )
    op.create_table(
        "panel_draw_secret",
        sa.Column("draw_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("who", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_panel_draw_secret_account_id_account")),
        sa.ForeignKeyConstraint(["draw_id"], ["panel_draw.id"], name=op.f("fk_panel_draw_secret_draw_id_panel_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_draw_secret")),
        sa.UniqueConstraint("draw_id", "account_id", name=op.f("uq_panel_draw_secret_draw_id_account_id")),
    )


def downgrade() -> None:
    op.drop_table("panel_draw_secret")
    op.drop_table("panel_draw")
