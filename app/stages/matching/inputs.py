"""What goes into a run, frozen: dossiers, experts, panels wanted, known facts and conflicts; the digest names it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app import journal, records
from app.clock import today_kst
from app.models.applications import Application
from app.models.matching import MatchRun
from app.stages import matching
from app.workflow import batches, regions, rounds, targets
from app.workflow import bench as benches
from app.workflow import room as rooms
from app.workflow import rules as call_rules
from app.workflow.conflicts import facts as conflict_facts
from app.workflow.conflicts import ledger
from reviewers.batches import DOSSIER
from reviewers.conflict_case import Rule
from reviewers.linking import Linking
from reviewers.records import Conflict, Dossier, Expert, Fact, PanelSpec, Quota, Target


@dataclass(frozen=True)
class Inputs:
    """Everything a worker needs. Ids are those of records.py; `filed` and `pool` say which rows they stand for."""

    filed: records.Filed
    pool: records.Pool
    others: records.Filed  # what else was filed in the call
    specs: tuple[PanelSpec, ...]
    facts: tuple[Fact, ...]
    grounds: tuple[Rule, ...]  # of conflict, with the years of the call
    judged: ledger.Judged  # what people said about conflicts before
    taken: Mapping[str, int]  # dossiers of this call that an expert has already
    aliases: Mapping[str, str]
    closing_on: date
    load_max: int
    full: Mapping[str, int]  # experts without room in this call, by what: load, year, rest
    substitutes: int
    targets: tuple[Target, ...]
    once_in: int  # above 1: panels are drawn, no pair with a higher chance than one in so many
    fair: bool
    rising: float  # the share of the panels that rise in turn, the worst served first
    seed: str
    digest: str
    linking: Linking
    fit: str = ""  # digest of the fit that an earlier run of the call was measured under; empty: learn one

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
    papers = records.documents(session, applications)
    filed = replace(filed, dossiers=tuple(replace(d, documents=papers[d.id].passages) for d in filed.dossiers))
    judged = ledger.judged(session, ledger.Scope(pool.row_ids, filed.row_ids, call.id))
    judged = replace(judged, standing=(*judged.standing, *_former(session, run, filed, pool)))
    room = rooms.of(session, call, run.parameters)
    aliases, rules = conflict_facts.aliases(session), call_rules.from_json({**call.rules, **run.parameters})
    others = conflict_facts.others(session, call.id, filed)
    facts = conflict_facts.known(session, pool, {**others.writers, **filed.writers}, call.id)
    closing_on = today_kst(call.closes_at)
    taken = _taken(session, run, pool)
    wanted, served = targets.of(run.parameters), benches.served(session)
    digest = journal.sha256([
        run.parameters, closing_on.isoformat(), sorted(filed.digests.items()), sorted(pool.digests.items()),
        sorted((own, said.digest) for own, said in papers.items()),
        sorted((c.expert_id, c.dossier_id, c.ground) for c in judged.standing), sorted(judged.cleared.items()),
        sorted(others.digests.items()), sorted(taken.items()),
        sorted(room.held.items()), sorted(room.resting),
        sorted(own for own, row in pool.row_ids.items() if wanted and row in served),
        sorted((f.expert_id, f.project or "", f.organisation or "", str(f.on)) for f in facts if f.kind == "judged_before"),
    ])  # fmt: skip
    return Inputs(
        filed=filed,
        pool=replace(pool, experts=_known(run.parameters, served, replace(pool, experts=_capped(room, pool)))),
        others=others,
        specs=tuple(_specs(run.parameters, filed)),
        facts=tuple(facts),
        grounds=conflict_facts.grounds_of(rules),
        judged=judged,
        taken=taken,
        aliases=aliases,
        closing_on=closing_on,
        load_max=run.parameters["load_max"],
        full=_full(room, pool),
        substitutes=run.parameters["substitutes"],
        targets=wanted,
        once_in=rules.once_in if run.parameters.get("seating") == "randomised" else 1,
        fair=run.parameters.get("fairness", "none") != "none",
        rising=run.parameters["leximin_pct"] / 100 if run.parameters.get("fairness") == "leximin" else 0.0,
        seed=run.seed,
        digest=digest,
        linking=_linking(run.parameters, filed),
        fit=run.summary.get("measure_like", ""),
    )


def waiting(session: Session, run: MatchRun) -> Sequence[Application]:
    """The applications that the run's round seats, by number."""
    return session.execute(rounds.waiting(run.round)).scalars().all()


def _specs(parameters: Mapping[str, Any], filed: records.Filed) -> list[PanelSpec]:
    """A panel for each dossier, or for groups of one main sub-field as large as the call allows."""
    quotas = tuple(Quota(q["attribute"], q["value"], q["least"], q["most"]) for q in parameters["quotas"])
    waived: dict[tuple[str, ...], dict[tuple[str | None, str | None], int]] = {}
    for entry in parameters.get("waived", ()):
        waived.setdefault(tuple(entry["dossiers"]), {})[entry["attribute"], entry["value"]] = entry["got"]
    known_by, grounds = parameters.get("known_by", 0), frozenset(parameters.get("step_out_grounds", ()))
    specs = []
    for n, ids in enumerate(_groups(parameters, filed), 1):
        got = waived.get(ids, {})
        seats = got.get((None, None), parameters["panel_seats"])
        wanted = (*quotas, *(Quota(DOSSIER, own, known_by) for own in ids if known_by and len(ids) > 1))
        own = tuple(replace(quota, least=got.get((quota.attribute, quota.value), quota.least)) for quota in wanted)
        spec = PanelSpec(str(n), ids, seats, own, parameters["institution_cap"], parameters.get("known_pct", 0) / 100)
        specs.append(replace(spec, may_step_out=grounds, step_out_most=batches.step_out_most(parameters, seats)))
    return specs


def _linking(parameters: Mapping[str, Any], filed: records.Filed) -> Linking:
    """How panels are to share panellists; where a public draw fills the seats it is only looked at."""
    kind = parameters.get("review_links", "none")
    fields = tuple(filed.fields[ids[0]] for ids in _groups(parameters, filed))
    joins = kind != "none" and parameters.get("seating") != "drawn"
    return Linking(fields, parameters.get("link_pct", 0) / 100 if kind == "share" else 0.0, joins)


def _groups(parameters: Mapping[str, Any], filed: records.Filed) -> list[tuple[str, ...]]:
    """The dossiers of each panel."""
    if parameters["panel_mode"] == "batch":
        return _batches(filed, parameters["panel_max"])
    return [(d.id,) for d in filed.dossiers]


def _batches(filed: records.Filed, most: int) -> list[tuple[str, ...]]:
    by_field: dict[str, list[str]] = {}
    for dossier in filed.dossiers:
        by_field.setdefault(filed.fields[dossier.id], []).append(dossier.id)
    groups = []
    for _field, ids in sorted(by_field.items()):
        n_groups = -(-len(ids) // most)
        groups += [tuple(ids[i::n_groups]) for i in range(n_groups)]  # of nearly equal size
    return groups


def _former(session: Session, run: MatchRun, filed: records.Filed, pool: records.Pool) -> list[Conflict]:
    """Nobody judges a dossier again that they were asked to judge in another round."""
    dossier_of = {row: own for own, row in filed.row_ids.items()}
    expert_of = {row: own for own, row in pool.row_ids.items()}
    return [
        Conflict(expert_of[expert], dossier_of[application], "former_panellist", True, {})
        for application, expert in sorted(rounds.former_panellists(session, dossier_of, run.round_id))
        if expert in expert_of
    ]


def _capped(room: rooms.Room, pool: records.Pool) -> tuple[Expert, ...]:
    """The experts with their cap in this call, where it is below that of everybody."""
    limits = ((e, room.most(pool.row_ids[e.id], e.load_cap)) for e in pool.experts)
    return tuple(replace(e, load_cap=limit if limit < room.load_max else None) for e, limit in limits)


def _full(room: rooms.Room, pool: records.Pool) -> Mapping[str, int]:
    people = [(pool.row_ids[e.id], e.load_cap) for e in pool.experts]
    return Counter(room.why(*one) for one in people if not room.most(*one))


def _known(parameters: Mapping[str, Any], served: Collection[int], pool: records.Pool) -> tuple[Expert, ...]:
    """The experts with what quotas and targets ask of them: the region by its short name, the capital, the first time."""
    return tuple(
        replace(
            who,
            region=regions.short(who.region) if who.region else None,
            attributes=targets.attributes(parameters, who.region or "", newcomer=pool.row_ids[who.id] not in served),
        )
        for who in pool.experts
    )


def _taken(session: Session, run: MatchRun, pool: records.Pool) -> Mapping[str, int]:
    """The load that panels deployed before, in any round of the call, put on each expert."""
    expert_of = {row: own for own, row in pool.row_ids.items()}
    held = rooms.taken(session, run.round.call_id)
    return {expert_of[row]: dossiers for row, dossiers in held.items() if row in expert_of}
