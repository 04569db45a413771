"""Store uploads: a file on its way in pieces, with what of it is safe on disk."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("slot", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("received", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("received >= 0 AND received <= size", name=op.f("ck_upload_received")),
        sa.CheckConstraint("(finished_at IS NULL) = (file_id IS NULL)", name=op.f("ck_upload_finished")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_upload_application_id_application")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_upload_by_id_account")),
        sa.ForeignKeyConstraint(["file_id"], ["dossier_file.id"], name=op.f("fk_upload_file_id_dossier_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_upload_public_id")),
    )
    op.create_index(op.f("ix_upload_by_id"), "upload", ["by_id"], unique=False)
    op.create_index(
        "uq_upload_open",
        "upload",
        ["application_id", "slot", "name", "size", "head"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("upload")
