"""Keep requests about designations, versions of certificates and families of products; history rows say what changed."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("certificate_version", "designation_request_version")
OPEN = sa.text("status IN ('filed', 'under_review', 'returned')")


def upgrade() -> None:
    op.add_column("designation_event", sa.Column("data", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "certificate_version",
        sa.Column("designation_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_certificate_version_by_id_account")),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designation.id"], name=op.f("fk_certificate_version_designation_id_designation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_version")),
        sa.UniqueConstraint("designation_id", "number", name=op.f("uq_certificate_version_designation_id_number")),
    )
    op.create_table(
        "designation_family",
        sa.Column("designation_id", KEY, nullable=False),
        sa.Column("first_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_designation_family_by_id_account")),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designation.id"], name=op.f("fk_designation_family_designation_id_designation")
        ),
        sa.ForeignKeyConstraint(["first_id"], ["designation.id"], name=op.f("fk_designation_family_first_id_designation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation_family")),
        sa.UniqueConstraint("designation_id", name=op.f("uq_designation_family_designation_id")),
    )
    create_requests()
    issue_first_certificates()
    keep_append_only()


def downgrade() -> None:
    op.drop_table("designation_request_file")
    op.drop_table("designation_request_version")
    op.drop_index(
        "uq_designation_request_open", table_name="designation_request", sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.drop_index(op.f("ix_designation_request_designation_id"), table_name="designation_request")
    op.drop_table("designation_request")
    op.drop_table("designation_family")
    op.drop_table("certificate_version")
    op.drop_column("designation_event", "data")


def create_requests() -> None:
    op.create_table(
        "designation_request",
        sa.Column("designation_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("filed_by_id", KEY, nullable=True),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("taken_up_at", UtcDateTime(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('extension', 'change', 'transfer')", name=op.f("ck_designation_request_kind")),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designation.id"], name=op.f("fk_designation_request_designation_id_designation")
        ),
        sa.ForeignKeyConstraint(["filed_by_id"], ["account.id"], name=op.f("fk_designation_request_filed_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_designation_request_public_id")),
    )
    op.create_index(op.f("ix_designation_request_designation_id"), "designation_request", ["designation_id"], unique=False)
    op.create_index(
        "uq_designation_request_open",
        "designation_request",
        ["designation_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "designation_request_version",
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_designation_request_version_by_id_account")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["designation_request.id"], name=op.f("fk_designation_request_version_request_id_designation_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation_request_version")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_designation_request_version_request_id_number")),
    )
    op.create_table(
        "designation_request_file",
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_designation_request_file_by_id_account")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["designation_request.id"], name=op.f("fk_designation_request_file_request_id_designation_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation_request_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_designation_request_file_public_id")),
        sa.UniqueConstraint("request_id", "sha256", name=op.f("uq_designation_request_file_request_id_sha256")),
    )


def issue_first_certificates() -> None:
    """What the certificates of designations made before state now, as their first version."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT d.id, d.number, d.product, d.term, d.designated_on, d.valid_from, d.valid_until, d.legal_ground, d.authority,"
            " d.conditions, o.name, o.name_en, o.registration_no, e.by_id, e.at FROM designation d"
            " JOIN organisation o ON o.id = d.organisation_id"
            " JOIN designation_event e ON e.designation_id = d.id AND e.kind = 'designated'"
        )
    ).mappings()
    versions = sa.table(
        "certificate_version",
        *(sa.column(name) for name in ("designation_id", "number", "digest", "by_id", "at")),
        sa.column("content", sa.JSON()),
    )
    for row in rows.all():
        product = json.loads(row["product"]) if isinstance(row["product"], str) else row["product"]
        content = {
            "number": row["number"],
            "company": {"ko": row["name"], "en": row["name_en"] or row["name"]},
            "business_no": row["registration_no"] or "",
            "product": {name: product.get(name) for name in ("name_ko", "name_en", "models", "detail_item_no", "item_ids")},
            "term": row["term"],
            **{name: str(row[name]) for name in ("designated_on", "valid_from", "valid_until")},
            **{name: row[name] for name in ("legal_ground", "authority", "conditions")},
        }
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute(
            versions.insert().values(
                designation_id=row["id"],
                number=1,
                content=content,
                digest=hashlib.sha256(canonical.encode()).hexdigest(),
                by_id=row["by_id"],
                at=row["at"],
            )
        )


def keep_append_only() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in APPEND_ONLY:
        for name, verb, each in (("update", "UPDATE", "ROW"), ("delete", "DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
            if postgresql:
                op.execute(
                    f"CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} FOR EACH {each} EXECUTE FUNCTION ppir_append_only()"
                )
            elif each == "ROW":
                op.execute(
                    f"CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
                )
