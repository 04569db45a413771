"""Let applicants file challenges; a finding names the challenge it follows from."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "challenge",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("seat_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("filed_by_id", KEY, nullable=True),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("name != '' OR organisation != ''", name=op.f("ck_challenge_names_somebody")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_challenge_application_id_application")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["account.id"], name=op.f("fk_challenge_filed_by_id_account")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_challenge_seat_id_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("public_id", name=op.f("uq_challenge_public_id")),
    )
    op.create_index(op.f("ix_challenge_application_id"), "challenge", ["application_id"])
    with op.batch_alter_table("conflict") as table:
        table.add_column(sa.Column("challenge_id", KEY, nullable=True))
        table.create_index(op.f("ix_conflict_challenge_id"), ["challenge_id"])
        table.create_foreign_key(op.f("fk_conflict_challenge_id_challenge"), "challenge", ["challenge_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("conflict") as table:
        table.drop_constraint(op.f("fk_conflict_challenge_id_challenge"), type_="foreignkey")
        table.drop_index(op.f("ix_conflict_challenge_id"))
        table.drop_column("challenge_id")
    op.drop_index(op.f("ix_challenge_application_id"), table_name="challenge")
    op.drop_table("challenge")
