"""Let people besides the owner work on a dossier, and say which fields a version changed."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("dossier_version", sa.Column("changed", sa.JSON(), nullable=True))  # in place: its triggers stay
    op.create_table(
        "co_applicant",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("invited_by_id", KEY, nullable=True),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("role IN ('editor', 'viewer')", name=op.f("ck_co_applicant_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_co_applicant_account_id_account")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_co_applicant_application_id_application")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["account.id"], name=op.f("fk_co_applicant_invited_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_applicant")),
        sa.UniqueConstraint("public_id", name=op.f("uq_co_applicant_public_id")),
    )
    op.create_index(op.f("ix_co_applicant_account_id"), "co_applicant", ["account_id"], unique=False)
    op.create_index(
        "uq_co_applicant_open",
        "co_applicant",
        ["application_id", "mail"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_co_applicant_open",
        table_name="co_applicant",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_co_applicant_account_id"), table_name="co_applicant")
    op.drop_table("co_applicant")
    op.drop_column("dossier_version", "changed")
