"""Pin the rules of a pilot year: every version is kept as it was written."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "pilot_rules"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("year", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("budgets", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_pilot_rules_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_rules")),
        sa.UniqueConstraint("year", "version", name=op.f("uq_pilot_rules_year_version")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, verb, each in (("update", "UPDATE", "ROW"), ("delete", "DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{name} BEFORE {verb} ON {TABLE} FOR EACH {each} EXECUTE FUNCTION ppir_append_only()"
            )
        elif each == "ROW":
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{name} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, 'append-only: {TABLE}'); END"
            )


def downgrade() -> None:
    op.drop_table(TABLE)
