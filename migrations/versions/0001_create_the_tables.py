"""Create the tables, and the triggers that keep journal and marks append-only."""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("journal", "mark", "dossier_version", "ledger_entry", "rule_change")


def upgrade() -> None:
    create_tables()
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION ppir_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
        )
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


def downgrade() -> None:
    drop_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ppir_append_only()")


def create_tables() -> None:
    op.create_table(
        "call",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_ko", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("rules_version", KEY, nullable=False),
        sa.Column("rubric", sa.String(length=80), nullable=False),
        sa.Column("rubric_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_call_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("code", name=op.f("uq_call_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_call_public_id")),
    )
    op.create_table(
        "journal",
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("rules", sa.String(length=60), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("hash", name=op.f("uq_journal_hash")),
        sa.UniqueConstraint("previous", name=op.f("uq_journal_previous")),
    )
    op.create_index(op.f("ix_journal_action"), "journal", ["action"], unique=False)
    op.create_index(op.f("ix_journal_actor"), "journal", ["actor"], unique=False)
    op.create_index("ix_journal_subject", "journal", ["subject_kind", "subject"], unique=False)
    op.create_table(
        "mail",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mail_public_id")),
    )
    op.create_index(op.f("ix_mail_recipient"), "mail", ["recipient"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("registration_no", sa.String(length=10), nullable=True),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("size", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisation_public_id")),
        sa.UniqueConstraint("registration_no", name=op.f("uq_organisation_registration_no")),
    )
    op.create_index(op.f("ix_organisation_key"), "organisation", ["key"], unique=False)
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("merged_into_id", KEY, nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["merged_into_id"], ["person.id"], name=op.f("fk_person_merged_into_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("public_id", name=op.f("uq_person_public_id")),
    )
    op.create_table(
        "pilot_budget",
        sa.Column("year", KEY, nullable=False),
        sa.Column("theme", sa.String(length=16), nullable=False),
        sa.Column("amount_krw", KEY, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_budget")),
        sa.UniqueConstraint("year", "theme", name=op.f("uq_pilot_budget_year_theme")),
    )
    op.create_table(
        "promise",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempt", KEY, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("done_n", KEY, nullable=False),
        sa.Column("total_n", KEY, nullable=False),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'dead')", name=op.f("ck_promise_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("key", name=op.f("uq_promise_key")),
    )
    op.create_index(
        "ix_promise_open",
        "promise",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_setting_name")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("account_digest", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_account", "sign_in_attempt", ["account_digest", "at"], unique=False)
    op.create_index("ix_sign_in_attempt_address", "sign_in_attempt", ["address_digest", "at"], unique=False)
    op.create_table(
        "account",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("password_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("status IN ('invited', 'active', 'disabled')", name=op.f("ck_account_status")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("mail", name=op.f("uq_account_mail")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_public_id")),
    )
    op.create_table(
        "committee_meeting",
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("bundle_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_committee_meeting_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_meeting")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_committee_meeting_call_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_committee_meeting_public_id")),
    )
    op.create_table(
        "expert",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("sector", sa.String(length=16), nullable=False),
        sa.Column("seat_types", sa.JSON(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("load_cap", KEY, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_expert_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_expert_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert")),
        sa.UniqueConstraint("person_id", name=op.f("uq_expert_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_expert_public_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_expert_source_external_id")),
    )
    op.create_index(op.f("ix_expert_organisation_id"), "expert", ["organisation_id"], unique=False)
    op.create_table(
        "organisation_name",
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_name_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_name")),
        sa.UniqueConstraint("organisation_id", "key", name=op.f("uq_organisation_name_organisation_id_key")),
    )
    op.create_index(op.f("ix_organisation_name_key"), "organisation_name", ["key"], unique=False)
    op.create_table(
        "round",
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("scoring_closes_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_round_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_round_call_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_public_id")),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", KEY, nullable=True),
        sa.Column("given_by_id", KEY, nullable=True),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_role_account_id_account")),
        sa.ForeignKeyConstraint(["given_by_id"], ["account.id"], name=op.f("fk_account_role_given_by_id_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_account_role_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
    )
    op.create_index("ix_account_role_open", "account_role", ["account_id", "role"], unique=False)
    op.create_table(
        "application",
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("number", KEY, nullable=False),
        sa.Column("panel_number", KEY, nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("field_1", sa.String(length=3), nullable=False),
        sa.Column("field_2", sa.String(length=3), nullable=False),
        sa.Column("dossier_version", KEY, nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "status = 'draft' OR status = 'withdrawn' OR submitted_at IS NOT NULL", name=op.f("ck_application_submitted")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_application_call_id_call")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_application_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_application_owner_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_application_call_id_number")),
        sa.UniqueConstraint("call_id", "panel_number", name=op.f("uq_application_call_id_panel_number")),
        sa.UniqueConstraint("call_id", "source", "external_id", name=op.f("uq_application_call_id_source_external_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_application_public_id")),
    )
    op.create_index("ix_application_call_status", "application", ["call_id", "status"], unique=False)
    op.create_index(op.f("ix_application_organisation_id"), "application", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_application_owner_id"), "application", ["owner_id"], unique=False)
    op.create_table(
        "auth_session",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_auth_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_auth_session_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_auth_session_public_id")),
    )
    op.create_index(op.f("ix_auth_session_account_id"), "auth_session", ["account_id"], unique=False)
    op.create_table(
        "calibration_run",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("rubric", sa.String(length=80), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("rules_version", KEY, nullable=False),
        sa.Column("library", sa.String(length=40), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_calibration_run_by_id_account")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_calibration_run_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calibration_run_public_id")),
        sa.UniqueConstraint("round_id", "inputs_digest", name=op.f("uq_calibration_run_round_id_inputs_digest")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_calibration_run_round_id_number")),
    )
    op.create_table(
        "decision",
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("move", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("text_ko", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("rules_version", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("confirmed_by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_decision_by_id_account")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["account.id"], name=op.f("fk_decision_confirmed_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_decision_public_id")),
    )
    op.create_index("ix_decision_subject", "decision", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "expert_field",
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("level", KEY, nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_field_expert_id_expert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_field")),
        sa.UniqueConstraint("expert_id", "code", name=op.f("uq_expert_field_expert_id_code")),
    )
    op.create_index(op.f("ix_expert_field_expert_id"), "expert_field", ["expert_id"], unique=False)
    op.create_table(
        "expert_version",
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_version_expert_id_expert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_version")),
        sa.UniqueConstraint("expert_id", "version", name=op.f("uq_expert_version_expert_id_version")),
    )
    op.create_table(
        "import_run",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("call_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_n", KEY, nullable=False),
        sa.Column("changed_n", KEY, nullable=False),
        sa.Column("unchanged_n", KEY, nullable=False),
        sa.Column("bad_n", KEY, nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("ignored", sa.JSON(), nullable=False),
        sa.Column("promise_id", KEY, nullable=True),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_import_run_by_id_account")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_import_run_call_id_call")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_import_run_promise_id_promise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_run_public_id")),
    )
    op.create_table(
        "invitation",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("decline_reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("pledge_version", sa.String(length=16), nullable=False),
        sa.Column("pledged_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_invitation_expert_id_expert")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_invitation_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
        sa.UniqueConstraint("round_id", "expert_id", "number", name=op.f("uq_invitation_round_id_expert_id_number")),
    )
    op.create_index(op.f("ix_invitation_expert_id"), "invitation", ["expert_id"], unique=False)
    op.create_table(
        "list_edition",
        sa.Column("number", KEY, nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("delta", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("journal_head", sa.String(length=64), nullable=False),
        sa.Column("published_by_id", KEY, nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("received_by_id", KEY, nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["published_by_id"], ["account.id"], name=op.f("fk_list_edition_published_by_id_account")),
        sa.ForeignKeyConstraint(["received_by_id"], ["account.id"], name=op.f("fk_list_edition_received_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_edition")),
        sa.UniqueConstraint("number", name=op.f("uq_list_edition_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_list_edition_public_id")),
    )
    op.create_table(
        "match_run",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("promise_id", KEY, nullable=True),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_match_run_by_id_account")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_match_run_promise_id_promise")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_match_run_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_match_run_public_id")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_match_run_round_id_number")),
    )
    op.create_table(
        "notice_edition",
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_by_id", KEY, nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_notice_edition_call_id_call")),
        sa.ForeignKeyConstraint(["published_by_id"], ["account.id"], name=op.f("fk_notice_edition_published_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_edition")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_notice_edition_call_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notice_edition_public_id")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_link_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_link_digest")),
    )
    op.create_index(op.f("ix_one_time_link_account_id"), "one_time_link", ["account_id"], unique=False)
    op.create_table(
        "pending_move",
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("from_status", sa.String(length=32), nullable=False),
        sa.Column("to_status", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by_id", KEY, nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_pending_move_asked_by_id_account")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["account.id"], name=op.f("fk_pending_move_closed_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_move")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pending_move_public_id")),
    )
    op.create_index(
        "uq_pending_move_open",
        "pending_move",
        ["subject_kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "rule_change",
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_rule_change_by_id_account")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_rule_change_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_change")),
        sa.UniqueConstraint("call_id", "version", name=op.f("uq_rule_change_call_id_version")),
    )
    op.create_table(
        "work",
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("ordinal", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("year", KEY, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_work_expert_id_expert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("public_id", name=op.f("uq_work_public_id")),
    )
    op.create_index(op.f("ix_work_expert_id"), "work", ["expert_id"], unique=False)
    op.create_table(
        "committee_item",
        sa.Column("meeting_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_committee_item_application_id_application")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["committee_meeting.id"], name=op.f("fk_committee_item_meeting_id_committee_meeting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_item")),
        sa.UniqueConstraint("meeting_id", "application_id", name=op.f("uq_committee_item_meeting_id_application_id")),
    )
    op.create_index(op.f("ix_committee_item_application_id"), "committee_item", ["application_id"], unique=False)
    op.create_table(
        "conflict",
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("raised_by_id", KEY, nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_conflict_application_id_application")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_conflict_decided_by_id_account")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_conflict_expert_id_expert")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["account.id"], name=op.f("fk_conflict_raised_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("public_id", name=op.f("uq_conflict_public_id")),
    )
    op.create_index(op.f("ix_conflict_application_id"), "conflict", ["application_id"], unique=False)
    op.create_index(
        "uq_conflict_open",
        "conflict",
        ["expert_id", "application_id", "ground"],
        unique=True,
        sqlite_where=sa.text("status != 'dismissed'"),
        postgresql_where=sa.text("status != 'dismissed'"),
    )
    op.create_table(
        "declaration",
        sa.Column("invitation_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_declaration_application_id_application")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_declaration_invitation_id_invitation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index(op.f("ix_declaration_invitation_id"), "declaration", ["invitation_id"], unique=False)
    op.create_table(
        "deliberation",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("alarms_note", sa.Text(), nullable=False),
        sa.Column("drafted_by_id", KEY, nullable=True),
        sa.Column("drafted_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by_id", KEY, nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_deliberation_application_id_application")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["account.id"], name=op.f("fk_deliberation_confirmed_by_id_account")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["account.id"], name=op.f("fk_deliberation_drafted_by_id_account")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_deliberation_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliberation")),
        sa.UniqueConstraint("application_id", "round_id", name=op.f("uq_deliberation_application_id_round_id")),
    )
    op.create_table(
        "designation",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("serial", KEY, nullable=False),
        sa.Column("verify_id", sa.String(length=26), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("term", sa.String(length=8), nullable=False),
        sa.Column("product", sa.JSON(), nullable=False),
        sa.Column("legal_ground", sa.String(length=300), nullable=False),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("external_no", sa.String(length=40), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("designated_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_designation_validity")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_designation_application_id_application")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_designation_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation")),
        sa.UniqueConstraint("application_id", name=op.f("uq_designation_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_designation_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_designation_public_id")),
        sa.UniqueConstraint("series", "serial", name=op.f("uq_designation_series_serial")),
        sa.UniqueConstraint("verify_id", name=op.f("uq_designation_verify_id")),
    )
    op.create_index(op.f("ix_designation_organisation_id"), "designation", ["organisation_id"], unique=False)
    op.create_table(
        "dossier_file",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("slot", sa.String(length=3), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_dossier_file_application_id_application")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_dossier_file_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dossier_file_public_id")),
    )
    op.create_index(op.f("ix_dossier_file_application_id"), "dossier_file", ["application_id"], unique=False)
    op.create_table(
        "dossier_version",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_dossier_version_application_id_application")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_dossier_version_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_version")),
        sa.UniqueConstraint("application_id", "version", name=op.f("uq_dossier_version_application_id_version")),
    )
    op.create_table(
        "finding",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("screening", KEY, nullable=False),
        sa.Column("rule", sa.String(length=3), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("rules_version", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("result IN ('pass', 'fail', 'needs_person', 'waived')", name=op.f("ck_finding_result")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_finding_application_id_application")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_finding_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("application_id", "rule", "screening", name=op.f("uq_finding_application_id_rule_screening")),
    )
    op.create_table(
        "fitness_review",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_fitness_review_application_id_application")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_fitness_review_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fitness_review")),
    )
    op.create_index(op.f("ix_fitness_review_application_id"), "fitness_review", ["application_id"], unique=False)
    op.create_table(
        "notice_item",
        sa.Column("edition_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_notice_item_application_id_application")),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_notice_item_edition_id_notice_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_item")),
        sa.UniqueConstraint("edition_id", "application_id", name=op.f("uq_notice_item_edition_id_application_id")),
    )
    op.create_index(op.f("ix_notice_item_application_id"), "notice_item", ["application_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("edition_id", KEY, nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("filed_by_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", KEY, nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["account.id"], name=op.f("fk_objection_answered_by_id_account")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_objection_application_id_application")),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_objection_edition_id_notice_edition")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["account.id"], name=op.f("fk_objection_filed_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("public_id", name=op.f("uq_objection_public_id")),
    )
    op.create_index(op.f("ix_objection_application_id"), "objection", ["application_id"], unique=False)
    op.create_table(
        "panel",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_panel_round_id_round")),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_panel_run_id_match_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
        sa.UniqueConstraint("public_id", name=op.f("uq_panel_public_id")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_panel_round_id_number")),
    )
    op.create_table(
        "result",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("n_sheets", KEY, nullable=False),
        sa.Column("total", sa.String(length=16), nullable=False),
        sa.Column("raw_mean", sa.String(length=16), nullable=False),
        sa.Column("trimmed_mean", sa.String(length=16), nullable=False),
        sa.Column("sd", sa.String(length=16), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("gates", sa.JSON(), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rank", KEY, nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_result_application_id_application")),
        sa.ForeignKeyConstraint(["run_id"], ["calibration_run.id"], name=op.f("fk_result_run_id_calibration_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("run_id", "application_id", name=op.f("uq_result_run_id_application_id")),
    )
    op.create_index(op.f("ix_result_application_id"), "result", ["application_id"], unique=False)
    op.create_table(
        "run_panel",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("application_ids", sa.JSON(), nullable=False),
        sa.Column("empty", KEY, nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_run_panel_run_id_match_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_panel")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_run_panel_run_id_number")),
    )
    op.create_table(
        "supplement",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_supplement_application_id_application")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_supplement_asked_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_supplement_application_id_number")),
    )
    op.create_table(
        "designation_event",
        sa.Column("designation_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_designation_event_by_id_account")),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designation.id"], name=op.f("fk_designation_event_designation_id_designation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation_event")),
    )
    op.create_index(op.f("ix_designation_event_designation_id"), "designation_event", ["designation_id"], unique=False)
    op.create_table(
        "panel_dossier",
        sa.Column("panel_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_panel_dossier_application_id_application")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_dossier_panel_id_panel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_dossier")),
        sa.UniqueConstraint("panel_id", "application_id", name=op.f("uq_panel_dossier_panel_id_application_id")),
    )
    op.create_index(op.f("ix_panel_dossier_application_id"), "panel_dossier", ["application_id"], unique=False)
    op.create_table(
        "pilot_request",
        sa.Column("designation_id", KEY, nullable=False),
        sa.Column("institution_id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("year", KEY, nullable=False),
        sa.Column("theme", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("quantity", KEY, nullable=False),
        sa.Column("unit_price_krw", KEY, nullable=False),
        sa.Column("amount_krw", KEY, nullable=False),
        sa.Column("site", sa.String(length=300), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kpis", sa.JSON(), nullable=False),
        sa.Column("running_cost", sa.Text(), nullable=False),
        sa.Column("follow_on", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("amount_krw >= 0", name=op.f("ck_pilot_request_amount")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_pilot_request_quantity")),
        sa.ForeignKeyConstraint(["designation_id"], ["designation.id"], name=op.f("fk_pilot_request_designation_id_designation")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_pilot_request_institution_id_organisation")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_pilot_request_owner_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pilot_request_public_id")),
    )
    op.create_index(op.f("ix_pilot_request_designation_id"), "pilot_request", ["designation_id"], unique=False)
    op.create_index(op.f("ix_pilot_request_institution_id"), "pilot_request", ["institution_id"], unique=False)
    op.create_table(
        "run_seat",
        sa.Column("run_panel_id", KEY, nullable=False),
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("seat_type", sa.String(length=16), nullable=False),
        sa.Column("ordinal", KEY, nullable=False),
        sa.Column("substitute_rank", KEY, nullable=False),
        sa.Column("affinity", sa.Double(), nullable=False),
        sa.Column("works", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_run_seat_expert_id_expert")),
        sa.ForeignKeyConstraint(["run_panel_id"], ["run_panel.id"], name=op.f("fk_run_seat_run_panel_id_run_panel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_seat")),
        sa.UniqueConstraint("run_panel_id", "expert_id", name=op.f("uq_run_seat_run_panel_id_expert_id")),
    )
    op.create_index(op.f("ix_run_seat_expert_id"), "run_seat", ["expert_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("panel_id", KEY, nullable=False),
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("seat_type", sa.String(length=16), nullable=False),
        sa.Column("ordinal", KEY, nullable=False),
        sa.Column("substitute_rank", KEY, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("alias", sa.String(length=4), nullable=False),
        sa.Column("affinity", sa.Double(), nullable=False),
        sa.Column("works", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.Column("invitation_id", KEY, nullable=True),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_seat_expert_id_expert")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_seat_invitation_id_invitation")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_seat_panel_id_panel")),
        sa.ForeignKeyConstraint(["replaces_id"], ["seat.id"], name=op.f("fk_seat_replaces_id_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("panel_id", "expert_id", name=op.f("uq_seat_panel_id_expert_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_seat_public_id")),
    )
    op.create_index(op.f("ix_seat_expert_id"), "seat", ["expert_id"], unique=False)
    op.create_index(op.f("ix_seat_invitation_id"), "seat", ["invitation_id"], unique=False)
    op.create_index(op.f("ix_seat_replaces_id"), "seat", ["replaces_id"], unique=False)
    op.create_table(
        "pilot",
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("quantity", KEY, nullable=False),
        sa.Column("amount_krw", KEY, nullable=False),
        sa.Column("contract_no", sa.String(length=40), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=True),
        sa.Column("use_from", sa.Date(), nullable=True),
        sa.Column("use_until", sa.Date(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("grade_reason", sa.Text(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("after_use_plan", sa.Text(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["pilot_request.id"], name=op.f("fk_pilot_request_id_pilot_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pilot_public_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_pilot_request_id")),
    )
    op.create_table(
        "sheet",
        sa.Column("seat_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("to_applicant", sa.Text(), nullable=False),
        sa.Column("to_panel", sa.Text(), nullable=False),
        sa.Column("private", sa.Text(), nullable=False),
        sa.Column("locked_at", UtcDateTime(), nullable=True),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("saved_at", UtcDateTime(), nullable=True),
        sa.Column("saves", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("status != 'locked' OR (locked_at IS NOT NULL AND receipt != '')", name=op.f("ck_sheet_locked")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_sheet_application_id_application")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_sheet_seat_id_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sheet_public_id")),
        sa.UniqueConstraint("seat_id", "application_id", name=op.f("uq_sheet_seat_id_application_id")),
    )
    op.create_index(op.f("ix_sheet_application_id"), "sheet", ["application_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("budget_id", KEY, nullable=False),
        sa.Column("pilot_id", KEY, nullable=False),
        sa.Column("amount_krw", KEY, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["budget_id"], ["pilot_budget.id"], name=op.f("fk_ledger_entry_budget_id_pilot_budget")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ledger_entry_by_id_account")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_ledger_entry_pilot_id_pilot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_budget_id"), "ledger_entry", ["budget_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_pilot_id"), "ledger_entry", ["pilot_id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("sheet_id", KEY, nullable=False),
        sa.Column("item", sa.String(length=8), nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("step", KEY, nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.CheckConstraint("step BETWEEN 0 AND 10", name=op.f("ck_mark_step")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_mark_by_id_account")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_mark_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("sheet_id", "item", "number", name=op.f("uq_mark_sheet_id_item_number")),
    )
    op.create_index(op.f("ix_mark_sheet_id"), "mark", ["sheet_id"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("designation_id", KEY, nullable=False),
        sa.Column("pilot_id", KEY, nullable=True),
        sa.Column("group", sa.String(length=24), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("year", KEY, nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("attribution", sa.String(length=8), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_outcome_by_id_account")),
        sa.ForeignKeyConstraint(["designation_id"], ["designation.id"], name=op.f("fk_outcome_designation_id_designation")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_outcome_pilot_id_pilot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint(
            "designation_id", "pilot_id", "indicator", "year", name=op.f("uq_outcome_designation_id_pilot_id_indicator_year")
        ),
    )
    op.create_index(op.f("ix_outcome_designation_id"), "outcome", ["designation_id"], unique=False)
    op.create_table(
        "sheet_lock",
        sa.Column("sheet_id", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reopened_at", UtcDateTime(), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=False),
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_sheet_lock_by_id_account")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_lock_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_lock")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_sheet_lock_sheet_id_number")),
    )


def drop_tables() -> None:
    op.drop_table("sheet_lock")
    op.drop_index(op.f("ix_outcome_designation_id"), table_name="outcome")
    op.drop_table("outcome")
    op.drop_index(op.f("ix_mark_sheet_id"), table_name="mark")
    op.drop_table("mark")
    op.drop_index(op.f("ix_ledger_entry_pilot_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_budget_id"), table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_index(op.f("ix_sheet_application_id"), table_name="sheet")
    op.drop_table("sheet")
    op.drop_table("pilot")
    op.drop_index(op.f("ix_seat_replaces_id"), table_name="seat")
    op.drop_index(op.f("ix_seat_invitation_id"), table_name="seat")
    op.drop_index(op.f("ix_seat_expert_id"), table_name="seat")
    op.drop_table("seat")
    op.drop_index(op.f("ix_run_seat_expert_id"), table_name="run_seat")
    op.drop_table("run_seat")
    op.drop_index(op.f("ix_pilot_request_institution_id"), table_name="pilot_request")
    op.drop_index(op.f("ix_pilot_request_designation_id"), table_name="pilot_request")
    op.drop_table("pilot_request")
    op.drop_index(op.f("ix_panel_dossier_application_id"), table_name="panel_dossier")
    op.drop_table("panel_dossier")
    op.drop_index(op.f("ix_designation_event_designation_id"), table_name="designation_event")
    op.drop_table("designation_event")
    op.drop_table("supplement")
    op.drop_table("run_panel")
    op.drop_index(op.f("ix_result_application_id"), table_name="result")
    op.drop_table("result")
    op.drop_table("panel")
    op.drop_index(op.f("ix_objection_application_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_notice_item_application_id"), table_name="notice_item")
    op.drop_table("notice_item")
    op.drop_index(op.f("ix_fitness_review_application_id"), table_name="fitness_review")
    op.drop_table("fitness_review")
    op.drop_table("finding")
    op.drop_table("dossier_version")
    op.drop_index(op.f("ix_dossier_file_application_id"), table_name="dossier_file")
    op.drop_table("dossier_file")
    op.drop_index(op.f("ix_designation_organisation_id"), table_name="designation")
    op.drop_table("designation")
    op.drop_table("deliberation")
    op.drop_index(op.f("ix_declaration_invitation_id"), table_name="declaration")
    op.drop_table("declaration")
    op.drop_index(
        "uq_conflict_open",
        table_name="conflict",
        sqlite_where=sa.text("status != 'dismissed'"),
        postgresql_where=sa.text("status != 'dismissed'"),
    )
    op.drop_index(op.f("ix_conflict_application_id"), table_name="conflict")
    op.drop_table("conflict")
    op.drop_index(op.f("ix_committee_item_application_id"), table_name="committee_item")
    op.drop_table("committee_item")
    op.drop_index(op.f("ix_work_expert_id"), table_name="work")
    op.drop_table("work")
    op.drop_table("rule_change")
    op.drop_index(
        "uq_pending_move_open",
        table_name="pending_move",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("pending_move")
    op.drop_index(op.f("ix_one_time_link_account_id"), table_name="one_time_link")
    op.drop_table("one_time_link")
    op.drop_table("notice_edition")
    op.drop_table("match_run")
    op.drop_table("list_edition")
    op.drop_index(op.f("ix_invitation_expert_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("import_run")
    op.drop_table("expert_version")
    op.drop_index(op.f("ix_expert_field_expert_id"), table_name="expert_field")
    op.drop_table("expert_field")
    op.drop_index("ix_decision_subject", table_name="decision")
    op.drop_table("decision")
    op.drop_table("calibration_run")
    op.drop_index(op.f("ix_auth_session_account_id"), table_name="auth_session")
    op.drop_table("auth_session")
    op.drop_index(op.f("ix_application_owner_id"), table_name="application")
    op.drop_index(op.f("ix_application_organisation_id"), table_name="application")
    op.drop_index("ix_application_call_status", table_name="application")
    op.drop_table("application")
    op.drop_index("ix_account_role_open", table_name="account_role")
    op.drop_table("account_role")
    op.drop_table("round")
    op.drop_index(op.f("ix_organisation_name_key"), table_name="organisation_name")
    op.drop_table("organisation_name")
    op.drop_index(op.f("ix_expert_organisation_id"), table_name="expert")
    op.drop_table("expert")
    op.drop_table("committee_meeting")
    op.drop_table("account")
    op.drop_index("ix_sign_in_attempt_address", table_name="sign_in_attempt")
    op.drop_index("ix_sign_in_attempt_account", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("setting")
    op.drop_index(
        "ix_promise_open", table_name="promise", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
    )
    op.drop_table("promise")
    op.drop_table("pilot_budget")
    op.drop_table("person")
    op.drop_index(op.f("ix_organisation_key"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_index(op.f("ix_mail_recipient"), table_name="mail")
    op.drop_table("mail")
    op.drop_index("ix_journal_subject", table_name="journal")
    op.drop_index(op.f("ix_journal_actor"), table_name="journal")
    op.drop_index(op.f("ix_journal_action"), table_name="journal")
    op.drop_table("journal")
    op.drop_table("call")
