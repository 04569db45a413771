"""What goes into a run, frozen: dossiers, experts, panels wanted, known facts and conflicts; the digest names it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal, records
from app.clock import today_kst
from app.models.applications import Application
from app.models.calls import Round
from app.models.matching import Conflict as ConflictRow
from app.models.matching import MatchRun, Panel, Seat
from app.models.people import Organisation, OrganisationName
from app.stages import matching
from app.workflow import interests, rounds
from reviewers.records import Conflict, Dossier, Expert, Fact, PanelSpec, Quota

LOADING = ("drawn", "invited", "accepted", "pledged", "active", "done")
FACT_KINDS = frozenset({"declared", "employment", "kin", "paid_work", "adviser", "co_work"})


@dataclass(frozen=True)
class Inputs:
    """Everything a worker needs. Ids are those of records.py; `filed` and `pool` say which rows they stand for."""

    filed: records.Filed
    pool: records.Pool
    specs: tuple[PanelSpec, ...]
    facts: tuple[Fact, ...]
    standing: tuple[Conflict, ...]  # raised or upheld by people
    cleared: frozenset[tuple[str, str, str]]  # expert, dossier, ground: dismissed or waived by people
    taken: Mapping[str, int]  # panels of this call that an expert sits on already
    aliases: Mapping[str, str]
    closing_on: date
    load_max: int
    substitutes: int
    seed: str
    digest: str

    @property
    def dossiers(self) -> tuple[Dossier, ...]:
        return self.filed.dossiers

    @property
    def experts(self) -> tuple[Expert, ...]:
        return self.pool.experts


def read(session: Session, run_id: str) -> Inputs:
    """Freeze the inputs of a run as they are now; the transaction may end before anything is computed."""
    run = matching.find(session, run_id)
    call = run.round.call
    applications = waiting(session, run)
    filed, pool = records.filed(session, applications), records.pool(session)
    standing, cleared = _judged(session, filed, pool)
    standing += _former(session, run, filed, pool)
    aliases = _aliases(session)
    facts, closing_on = _facts(pool) + _named(filed, pool, aliases), today_kst(call.closes_at)
    taken = _taken(session, run, pool)
    digest = journal.sha256([
        run.parameters, closing_on.isoformat(), sorted(filed.digests.items()), sorted(pool.digests.items()),
        sorted((c.expert_id, c.dossier_id, c.ground) for c in standing), sorted(cleared), sorted(taken.items()),
    ])  # fmt: skip
    return Inputs(
        filed=filed,
        pool=pool,
        specs=tuple(_specs(run.parameters, filed)),
        facts=tuple(facts),
        standing=tuple(standing),
        cleared=cleared,
        taken=taken,
        aliases=aliases,
        closing_on=closing_on,
        load_max=run.parameters["load_max"],
        substitutes=run.parameters["substitutes"],
        seed=run.seed,
        digest=digest,
    )


def waiting(session: Session, run: MatchRun) -> Sequence[Application]:
    """The applications that the run's round seats, by number."""
    return session.execute(rounds.waiting(run.round)).scalars().all()


def _specs(parameters: Mapping[str, Any], filed: records.Filed) -> list[PanelSpec]:
    """A panel for each dossier, or for groups of one main sub-field as large as the call allows."""
    quotas = tuple(Quota(q["attribute"], q["value"], q["least"], q["most"]) for q in parameters["quotas"])
    groups: list[tuple[str, ...]] = [(d.id,) for d in filed.dossiers]
    if parameters["panel_mode"] == "batch":
        groups = _batches(filed, parameters["panel_max"])
    return [
        PanelSpec(str(n), ids, parameters["panel_seats"], quotas, parameters["institution_cap"]) for n, ids in enumerate(groups, 1)
    ]


def _batches(filed: records.Filed, most: int) -> list[tuple[str, ...]]:
    by_field: dict[str, list[str]] = {}
    for dossier in filed.dossiers:
        by_field.setdefault(filed.fields[dossier.id], []).append(dossier.id)
    groups = []
    for _field, ids in sorted(by_field.items()):
        n_groups = -(-len(ids) // most)
        groups += [tuple(ids[i::n_groups]) for i in range(n_groups)]  # of nearly equal size
    return groups


def _facts(pool: records.Pool) -> list[Fact]:
    """Standing interests as the experts declared them."""
    return [
        Fact(
            kind=entry["ground"] if entry.get("ground") in FACT_KINDS else "declared",
            expert_id=expert_id,
            organisation=entry["organisation"],
            on=date.fromisoformat(entry["until"]) if entry.get("until") else None,
            evidence={"declared": entry["organisation"]},
        )
        for expert_id, entries in pool.declared.items()
        for entry in entries
    ]


def _named(filed: records.Filed, pool: records.Pool, aliases: Mapping[str, str]) -> list[Fact]:
    """Everybody a dossier names, and everybody who wrote it, where they are experts of the pool.

    By name and organisation somebody is the expert; an equal name alone asks a person to look.
    """
    register = interests.Register((interests.Known(e.id, pool.names[e.id], e.organisation) for e in pool.experts), aliases)
    facts = []
    for dossier_id, people in filed.interested.items():
        for found in map(register.find, people):
            evidence = {"person": found.person.name, "organisation": found.person.organisation, "role": found.person.role}
            facts += [
                Fact("participant", expert_id, dossier_id, evidence=evidence | {"identity_sure": found.state == "same"})
                for expert_id in found.expert_ids
            ]
    expert_of = {person: expert for expert, person in pool.person_ids.items()}
    facts += [
        Fact("participant", expert_of[person], dossier_id, evidence={"role": "co_applicant", "identity_sure": True})
        for dossier_id, persons in filed.writers.items()
        for person in sorted(persons)
        if person in expert_of
    ]
    return facts


def _judged(session: Session, filed: records.Filed, pool: records.Pool) -> tuple[list[Conflict], frozenset[tuple[str, str, str]]]:
    """Conflicts that people raised or upheld bar; those they dismissed or waived do not come back by rule."""
    dossier_of = {row: own for own, row in filed.row_ids.items()}
    expert_of = {row: own for own, row in pool.row_ids.items()}
    standing, cleared = [], set()
    for row in session.execute(select(ConflictRow).where(ConflictRow.application_id.in_(dossier_of))).scalars():
        if row.expert_id not in expert_of:
            continue
        expert, dossier = expert_of[row.expert_id], dossier_of[row.application_id]
        if row.status in ("dismissed", "waived"):
            cleared.add((expert, dossier, row.ground))
        elif row.kind != "statutory_exclusion":
            standing.append(Conflict(expert, dossier, row.ground, True, {"conflict": row.public_id}))
    return standing, frozenset(cleared)


def _former(session: Session, run: MatchRun, filed: records.Filed, pool: records.Pool) -> list[Conflict]:
    """Nobody judges a dossier again that they were asked to judge in another round."""
    dossier_of = {row: own for own, row in filed.row_ids.items()}
    expert_of = {row: own for own, row in pool.row_ids.items()}
    return [
        Conflict(expert_of[expert], dossier_of[application], "former_panellist", True, {})
        for application, expert in sorted(rounds.former_panellists(session, dossier_of, run.round_id))
        if expert in expert_of
    ]


def _taken(session: Session, run: MatchRun, pool: records.Pool) -> Mapping[str, int]:
    """The load that panels deployed before, in any round of the call, put on each expert."""
    expert_of = {row: own for own, row in pool.row_ids.items()}
    rows = session.execute(
        select(Seat.expert_id, func.count())
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Round, Round.id == Panel.round_id)
        .where(Round.call_id == run.round.call_id, Seat.status.in_(LOADING))
        .group_by(Seat.expert_id)
    )
    return {expert_of[row[0]]: row[1] for row in rows if row[0] in expert_of}


def _aliases(session: Session) -> Mapping[str, str]:
    """Further names of organisations → the name the records use."""
    rows = session.execute(
        select(OrganisationName.name, Organisation.name).join(Organisation, Organisation.id == OrganisationName.organisation_id)
    )
    return {row[0]: row[1] for row in rows}
