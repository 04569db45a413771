"""Let a copy of a run be edited by hand: its base, locked seats, and each change on record."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(  # in one statement: SQLite would rebuild the table otherwise, and lose its checks
        f"ALTER TABLE match_run ADD COLUMN base_id {kind} CONSTRAINT fk_match_run_base_id_match_run REFERENCES match_run (id)"
    )
    op.add_column("run_seat", sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "run_edit",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("delta", sa.Double(), nullable=False),
        sa.Column("lowest_before", sa.Double(), nullable=False),
        sa.Column("lowest_after", sa.Double(), nullable=False),
        sa.Column("broken", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undone_by_id", KEY, nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_run_edit_by_id_account")),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_run_edit_run_id_match_run")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["account.id"], name=op.f("fk_run_edit_undone_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_edit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_run_edit_public_id")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_run_edit_run_id_number")),
    )


def downgrade() -> None:
    op.drop_table("run_edit")
    op.drop_column("run_seat", "locked")
    op.drop_column("match_run", "base_id")
