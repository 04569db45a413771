"""Say in which round a re-review judges, and which decision or recommendation an objection or a fitness review is about."""

import sqlalchemy as sa
from alembic import op

from app.db import new_public_id

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFERENCES = (("application", "round"), ("fitness_review", "round"), ("objection", "decision"))


def upgrade() -> None:
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for table, other in REFERENCES:  # in one statement: SQLite would rebuild the table otherwise, and lose its checks
        name = f"fk_{table}_{other}_id_{other}"
        op.execute(f'ALTER TABLE {table} ADD COLUMN {other}_id {kind} CONSTRAINT {name} REFERENCES "{other}" (id)')
    open_rounds()
    name_decisions()


def open_rounds() -> None:
    """Re-reviews ordered so far had no round that could seat them."""
    connection = op.get_bind()
    rounds = sa.table("round", *(sa.column(name) for name in ("id", "public_id", "call_id", "number", "kind")))
    ordered = connection.execute(sa.text("SELECT DISTINCT call_id FROM application WHERE status = 're_review'")).scalars().all()
    for call_id in ordered:
        last = connection.execute(sa.select(sa.func.max(rounds.c.number)).where(rounds.c.call_id == call_id)).scalar_one()
        row = {"public_id": new_public_id(), "call_id": call_id, "number": last + 1, "kind": "re_review"}
        connection.execute(rounds.insert().values(row))
        opened = connection.execute(sa.select(rounds.c.id).where(rounds.c.public_id == row["public_id"])).scalar_one()
        connection.execute(
            sa.text("UPDATE application SET round_id = :round WHERE call_id = :call AND status = 're_review'"),
            {"round": opened, "call": call_id},
        )


def name_decisions() -> None:
    """An applicant objected to the last refusal before the objection."""
    op.execute(
        "UPDATE objection SET decision_id = (SELECT max(decision.id) FROM decision WHERE decision.subject_kind = 'application' "
        "AND decision.subject_id = objection.application_id AND decision.outcome IN ('rejected', 'ineligible') "
        "AND decision.at <= objection.filed_at) WHERE kind = 'applicant'"
    )


def downgrade() -> None:
    for table, other in reversed(REFERENCES):
        op.drop_column(table, f"{other}_id")
