"""Store what a filing became, the day on a document, and why a closing was moved."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("filed_document", "call_extension")


def upgrade() -> None:
    op.create_table(
        "filed_document",
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('bundle', 'receipt')", name=op.f("ck_filed_document_kind")),
        sa.ForeignKeyConstraint(["version_id"], ["dossier_version.id"], name=op.f("fk_filed_document_version_id_dossier_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filed_document")),
        sa.UniqueConstraint("version_id", "kind", name=op.f("uq_filed_document_version_id_kind")),
    )
    op.create_index(op.f("ix_filed_document_sha256"), "filed_document", ["sha256"], unique=False)
    op.create_table(
        "call_extension",
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_extension_call_id_call")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_call_extension_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_extension")),
    )
    op.create_index(op.f("ix_call_extension_call_id"), "call_extension", ["call_id"], unique=False)
    op.add_column("dossier_file", sa.Column("issued_on", sa.Date(), nullable=True))
    _keep_unchanged(op.get_bind().dialect.name)


def downgrade() -> None:
    op.drop_column("dossier_file", "issued_on")
    op.drop_index(op.f("ix_call_extension_call_id"), table_name="call_extension")
    op.drop_table("call_extension")
    op.drop_index(op.f("ix_filed_document_sha256"), table_name="filed_document")
    op.drop_table("filed_document")


def _keep_unchanged(dialect: str) -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if dialect == "postgresql":
                op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION ppir_append_only()")
            else:
                op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END")
