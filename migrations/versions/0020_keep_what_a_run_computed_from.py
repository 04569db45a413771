"""Keep with a calibration run the sheets it computed from and how sure it is, so that it can be computed again."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calibration_run", sa.Column("inputs", sa.JSON(), nullable=True))
    op.add_column("calibration_run", sa.Column("rubric_digest", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("calibration_run", sa.Column("policy_digest", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("calibration_run", sa.Column("fit", sa.JSON(), nullable=True))
    op.add_column("result", sa.Column("calibrated", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("result", sa.Column("se", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("result", sa.Column("detail", sa.JSON(), nullable=True))


def downgrade() -> None:
    for table, columns in (
        ("result", ("detail", "se", "calibrated")),
        ("calibration_run", ("fit", "policy_digest", "rubric_digest", "inputs")),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
