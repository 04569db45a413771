"""Create the tables, and the triggers that keep journal and marks append-only."""

from alembic import op

from app.db import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None



def upgrade() -> None:
    bind = op.get_bind()
    Base.metadata.create_all(bind)
    for table in ("journal", "mark", "dossier_version", "ledger_entry", "rule_change"):
        if bind.dialect.name == "postgresql":
            op.execute("CREATE OR REPLACE FUNCTION ppir_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$")
            op.execute(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                       "FOR EACH ROW EXECUTE FUNCTION ppir_append_only()")
            op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                       "FOR EACH STATEMENT EXECUTE FUNCTION ppir_append_only()")
        else:
            for verb in ("UPDATE", "DELETE"):
                op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                           f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END")


def downgrade() -> None:
    bind = op.get_bind()
    Base.metadata.drop_all(bind)
    if bind.dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS ppir_append_only()")
