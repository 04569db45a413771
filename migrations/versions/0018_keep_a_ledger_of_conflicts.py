"""Keep every finding of a conflict with the digest of its evidence, bar from a whole call, tell people apart by number."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime
from reviewers.organisations import organisation_key

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("status != 'dismissed'")


def upgrade() -> None:
    op.drop_index("uq_conflict_open", table_name="conflict")
    with op.batch_alter_table("conflict") as table:
        table.alter_column("application_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("call_id", KEY, nullable=True))
        table.add_column(sa.Column("nature", sa.String(length=16), nullable=False, server_default="hard"))
        table.add_column(sa.Column("digest", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("reopened", sa.String(length=20), nullable=False, server_default=""))
        table.add_column(sa.Column("asked_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("answer", sa.String(length=8), nullable=False, server_default=""))
        table.add_column(sa.Column("answer_note", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("answered_at", UtcDateTime(), nullable=True))
        table.create_foreign_key(op.f("fk_conflict_call_id_call"), "call", ["call_id"], ["id"])
        table.create_check_constraint(op.f("ck_conflict_about_one"), "(application_id IS NULL) <> (call_id IS NULL)")
    with op.batch_alter_table("conflict") as table:
        for name in ("nature", "digest", "reopened", "answer", "answer_note"):
            table.alter_column(name, server_default=None)
    op.create_index(op.f("ix_conflict_call_id"), "conflict", ["call_id"], unique=False)
    for name, about in (("uq_conflict_open", "application_id"), ("uq_conflict_open_call", "call_id")):
        op.create_index(name, "conflict", ["expert_id", about, "ground"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("orcid", sa.String(length=19), nullable=True))
        table.add_column(sa.Column("researcher_no", sa.String(length=8), nullable=True))
        table.create_unique_constraint(op.f("uq_person_orcid"), ["orcid"])
        table.create_unique_constraint(op.f("uq_person_researcher_no"), ["researcher_no"])
    with op.batch_alter_table("expert") as table:
        table.add_column(sa.Column("unit", sa.String(length=120), nullable=False, server_default=""))
    with op.batch_alter_table("expert") as table:
        table.alter_column("unit", server_default=None)
    key_anew()


def key_anew() -> None:
    """Names have another key since institutions are known by all their names: the stored keys follow."""
    connection = op.get_bind()
    for name in ("organisation", "organisation_name"):
        table = sa.table(name, *(sa.column(column) for column in ("id", "name", "key")))
        for row in connection.execute(sa.select(table.c.id, table.c.name, table.c.key)).all():
            if (key := organisation_key(row.name)) != row.key and not _taken(connection, name, row.id, key):
                connection.execute(sa.update(table).where(table.c.id == row.id).values(key=key))


def _taken(connection: sa.Connection, name: str, row_id: int, key: str) -> bool:
    """Whether the organisation of this further name has the key already by another spelling."""
    if name != "organisation_name":
        return False
    table = sa.table(name, *(sa.column(column) for column in ("id", "organisation_id", "key")))
    owner = sa.select(table.c.organisation_id).where(table.c.id == row_id).scalar_subquery()
    return connection.execute(sa.select(table.c.id).where(table.c.organisation_id == owner, table.c.key == key)).first() is not None


def downgrade() -> None:
    with op.batch_alter_table("expert") as table:
        table.drop_column("unit")
    with op.batch_alter_table("person") as table:
        table.drop_constraint(op.f("uq_person_researcher_no"), type_="unique")
        table.drop_constraint(op.f("uq_person_orcid"), type_="unique")
        table.drop_column("researcher_no")
        table.drop_column("orcid")
    for name in ("uq_conflict_open_call", "uq_conflict_open"):
        op.drop_index(name, table_name="conflict")
    op.drop_index(op.f("ix_conflict_call_id"), table_name="conflict")
    op.execute("DELETE FROM conflict WHERE application_id IS NULL")  # there was no place for them
    with op.batch_alter_table("conflict") as table:
        table.drop_constraint(op.f("ck_conflict_about_one"), type_="check")
        table.drop_constraint(op.f("fk_conflict_call_id_call"), type_="foreignkey")
        for name in ("answered_at", "answer_note", "answer", "asked_at", "reopened", "digest", "nature", "call_id"):
            table.drop_column(name)
        table.alter_column("application_id", existing_type=KEY, nullable=False)
    columns = ["expert_id", "application_id", "ground"]
    op.create_index("uq_conflict_open", "conflict", columns, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
