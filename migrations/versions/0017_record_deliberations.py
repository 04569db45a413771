"""Record how a panel deliberates: paragraphs, stances, sittings, step-outs, absences, votes, inspections, minutes."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("minutes", "inspection", "ballot", "vote", "absence", "step_out", "sitting", "stance", "paragraph")


def upgrade() -> None:
    op.add_column("sheet_lock", sa.Column("revised_because", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("deliberation") as table:
        table.add_column(sa.Column("pulled_by_id", KEY, nullable=True))
        table.add_column(sa.Column("pulled_at", UtcDateTime(), nullable=True))
        table.create_foreign_key(op.f("fk_deliberation_pulled_by_id_account"), "account", ["pulled_by_id"], ["id"])
    _create(
        "paragraph",
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _to("paragraph", "by_id", "account"),
        sa.UniqueConstraint("deliberation_id", "topic", "number", name=op.f("uq_paragraph_deliberation_id_topic_number")),
        index=False,
    )
    _create(
        "stance",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _to("stance", "seat_id", "seat"),
    )
    _create(
        "sitting",
        sa.Column("taken_up_at", UtcDateTime(), nullable=False),
        sa.Column("put_down_at", UtcDateTime(), nullable=True),
        _to("sitting", "by_id", "account"),
    )
    _create(
        "step_out",
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("out_at", UtcDateTime(), nullable=False),
        sa.Column("back_at", UtcDateTime(), nullable=True),
        _to("step_out", "seat_id", "seat"),
    )
    _create(
        "absence",
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        _to("absence", "seat_id", "seat"),
        _to("absence", "by_id", "account"),
    )
    _create(
        "vote",
        sa.Column("number", KEY, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        _to("vote", "opened_by_id", "account"),
        sa.UniqueConstraint("deliberation_id", "number", name=op.f("uq_vote_deliberation_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_vote_public_id")),
        index=False,
    )
    op.create_table(
        "ballot",
        sa.Column("vote_id", KEY, sa.ForeignKey("vote.id", name=op.f("fk_ballot_vote_id_vote")), nullable=False),
        sa.Column("seat_id", KEY, sa.ForeignKey("seat.id", name=op.f("fk_ballot_seat_id_seat")), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("choice IN ('yes', 'no', 'abstain')", name=op.f("ck_ballot_choice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("vote_id", "seat_id", name=op.f("uq_ballot_vote_id_seat_id")),
    )
    op.create_table(
        "inspection",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('interview', 'site_check')", name=op.f("ck_inspection_kind")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_inspection_application_id_application")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_inspection_round_id_round")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_inspection_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    op.create_index(op.f("ix_inspection_application_id"), "inspection", ["application_id"], unique=False)
    _create(
        "minutes",
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _to("minutes", "by_id", "account"),
        sa.UniqueConstraint("deliberation_id", name=op.f("uq_minutes_deliberation_id")),
        index=False,
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("deliberation") as table:
        table.drop_constraint(op.f("fk_deliberation_pulled_by_id_account"), type_="foreignkey")
        table.drop_column("pulled_at")
        table.drop_column("pulled_by_id")
    op.drop_column("sheet_lock", "revised_because")


def _to(table: str, column: str, parent: str) -> "sa.Column[int]":
    """A column that points at another table; a person may be unknown, a seat never."""
    key = sa.ForeignKey(f"{parent}.id", name=op.f(f"fk_{table}_{column}_{parent}"))
    return sa.Column(column, KEY, key, nullable=parent == "account")


def _create(table: str, *columns: "sa.Column | sa.Constraint", index: bool = True) -> None:  # type: ignore[type-arg]
    """A table of what belongs to one deliberation."""
    op.create_table(
        table,
        _to(table, "deliberation_id", "deliberation"),
        *columns,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    if index:
        op.create_index(op.f(f"ix_{table}_deliberation_id"), table, ["deliberation_id"], unique=False)
