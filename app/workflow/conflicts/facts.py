"""What the platform knows about experts and dossiers, as facts for the grounds of conflict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import records
from app.models.applications import Application
from app.models.people import Organisation, OrganisationName
from app.workflow.conflicts import history
from app.workflow.rules import Rules
from reviewers.conflict_case import Rule
from reviewers.conflicts import rules_of
from reviewers.records import Fact

# What an expert, or whoever keeps the pool, may have on record about an organisation, a person or a project.
DECLARABLE = (
    "declared", "employment", "holding", "paid_work", "kin", "adviser", "co_work", "judged_before", "litigation", "sanction",
)  # fmt: skip

NOT_FILED = ("draft", "withdrawn", "ineligible")


def grounds_of(rules: Rules) -> tuple[Rule, ...]:
    """The grounds of a call with its look-back years."""
    return rules_of(conflict_years=rules.conflict_years, sanction_years=rules.sanction_years, off=rules.conflicts_off)


def known(session: Session, pool: records.Pool, writers: Mapping[str, frozenset[int]], call_id: int) -> list[Fact]:
    """Interests as they were declared, who wrote which dossier as its applicant, and who judged what in other calls."""
    declared = [fact_of(own, entry) for own, entries in pool.declared.items() for entry in entries]
    return [*declared, *_written(pool, writers), *history.judged(session, pool, call_id)]


def fact_of(expert_id: str, entry: Mapping[str, Any]) -> Fact:
    """A standing interest of the pool; without a ground known here it is a declared one."""
    told = ("organisation", "person", "project", "role", "since")
    evidence = {name: entry[name] for name in told if entry.get(name)}
    return Fact(
        kind=entry["ground"] if entry.get("ground") in DECLARABLE else "declared",
        expert_id=expert_id,
        organisation=entry.get("organisation") or None,
        organisation_number=entry.get("organisation_no") or None,
        person=entry.get("person") or None,
        project=entry.get("project") or None,
        on=date.fromisoformat(entry["until"]) if entry.get("until") else None,
        evidence={"declared": entry.get("organisation") or entry.get("person") or entry.get("project") or "", **evidence},
    )


def others(session: Session, call_id: int, filed: records.Filed) -> records.Filed:
    """What else was filed in the call: its applicants and the people they name are rivals of those looked at."""
    rows = session.execute(_others(call_id, filed).order_by(Application.number)).scalars().all()
    return records.filed(session, rows)


def rivals(session: Session, call_id: int, filed: records.Filed) -> records.Filed:
    """The same by applicants and people alone, for a look at a few experts while somebody waits."""
    return records.parties(session, _others(call_id, filed).with_only_columns(Application.id))


def _others(call_id: int, filed: records.Filed) -> Select[Application]:
    mine = filed.row_ids.values()
    return select(Application).where(
        Application.call_id == call_id, Application.status.not_in(NOT_FILED), Application.id.not_in(mine)
    )


def aliases(session: Session) -> Mapping[str, str]:
    """Further names of organisations, in the other language too → the name the records use."""
    named = select(OrganisationName.name, Organisation.name)
    further = session.execute(named.join(Organisation, Organisation.id == OrganisationName.organisation_id))
    english = session.execute(select(Organisation.name_en, Organisation.name).where(Organisation.name_en != ""))
    return {row[0]: row[1] for row in (*english, *further)}


def _written(pool: records.Pool, writers: Mapping[str, frozenset[int]]) -> list[Fact]:
    expert_of = {person: expert for expert, person in pool.person_ids.items()}
    return [
        Fact("participant", expert_of[person], dossier_id, evidence={"role": "co_applicant", "identity_sure": True})
        for dossier_id, persons in writers.items()
        for person in sorted(persons)
        if person in expert_of
    ]
