"""Keep the sub-fields suggested for dossiers and experts."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "field_suggestion",
        sa.Column("application_id", KEY, nullable=True),
        sa.Column("expert_id", KEY, nullable=True),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("model_digest", sa.String(length=64), nullable=False),
        sa.Column("suggested", sa.JSON(), nullable=False),
        sa.Column("promise_id", KEY, nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("(application_id IS NULL) <> (expert_id IS NULL)", name=op.f("ck_field_suggestion_subject")),
        sa.CheckConstraint("(inputs_digest = '') = (computed_at IS NULL)", name=op.f("ck_field_suggestion_computed")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_field_suggestion_application_id_application")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_field_suggestion_expert_id_expert")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_field_suggestion_promise_id_promise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_suggestion")),
        sa.UniqueConstraint("application_id", name=op.f("uq_field_suggestion_application_id")),
        sa.UniqueConstraint("expert_id", name=op.f("uq_field_suggestion_expert_id")),
    )


def downgrade() -> None:
    op.drop_table("field_suggestion")
