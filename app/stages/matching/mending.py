"""A run that could not keep its rules is ordered again with one of the changes that were found to make its panels complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.matching import MatchRun
from app.stages import matching
from app.workflow import door, permissions
from app.workflow.actors import Actor
from reviewers.assignment.panels import Assignment
from reviewers.linking import Linking
from reviewers.records import PanelSpec
from reviewers.relaxation import Change

OFFERED = ("load", "institution", "waive", "links")  # new people come by import, not by one click


def stored(changes: Sequence[Change], specs: Sequence[PanelSpec], fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """The changes as a run keeps them. Seats are not waived where nobody would be left; `fields`: dossier → main sub-field."""
    dossiers = {spec.id: list(spec.dossier_ids) for spec in specs}
    kept = []
    for change in changes:
        if any(short.rule == "seats" and short.got == 0 for short in change.waived):
            continue
        waived = [
            {"dossiers": dossiers[short.panel_id], "attribute": short.attribute, "value": short.value, "needed": short.needed,
             "got": short.got}
            for short in change.waived
        ]  # fmt: skip
        people = _people(change, {own: [fields.get(one, "") for one in ids] for own, ids in dossiers.items()})
        kept.append({"kind": change.kind, "amount": change.amount, "people": people, "waived": waived})
    return kept


def to_link(linking: Linking, solved: Assignment) -> list[dict[str, Any]]:
    """Where panels do not hang together and the rules only look at it, a run that joins them is offered."""
    if linking.joins or solved.links is None or solved.links[1].groups < 2:
        return []
    return [{"kind": "links", "amount": 0, "people": [], "waived": []}]


def _people(change: Change, fields: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The people to bring in, with the sub-fields of the panels that each would sit on: the most frequent of them."""
    newcomers, people = iter(change.seats), []
    for attribute, value, number in change.people:
        wanted: Counter[str] = Counter()
        for _ in range(number):
            near = Counter(field for panel in next(newcomers, ()) for field in fields[panel] if field)
            if near:
                wanted[min(near, key=lambda code: (-near[code], code))] += 1
        said = [{"code": code, "number": n} for code, n in sorted(wanted.items(), key=lambda one: (-one[1], one[0]))]
        people.append({"attribute": attribute, "value": value, "number": number, "fields": said})
    return people


def order(session: Session, run_id: str, place: int, *, actor: Actor, now: datetime) -> MatchRun:
    """A new run under the rules of this one with the change at `place` of its advice; the change itself is on record."""
    role = permissions.require(actor, "matching.order")
    base = matching.find(session, run_id)
    advice = base.summary.get("advice", [])
    if not 0 <= place < len(advice) or advice[place]["kind"] not in OFFERED:
        raise NotFound("not_found")
    change = advice[place]
    run = matching.order(
        session, base.round.call.public_id, actor=actor, now=now, seed=base.seed, round_number=base.round.number,
        given=changed(base.parameters, change),
    )  # fmt: skip
    door.record(session, run, "match_run.mended", actor=actor, role=role, now=now, data={"base": base.public_id, "change": change})
    return run


def changed(parameters: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A run's parameters with one change; changes of runs before stay in."""
    if change["kind"] == "load":
        return {**parameters, "load_max": parameters["load_max"] + change["amount"]}
    if change["kind"] == "institution":
        return {**parameters, "institution_cap": parameters["institution_cap"] + change["amount"]}
    if change["kind"] == "links":
        return {**parameters, "review_links": "connected"}
    return {**parameters, "waived": [*parameters.get("waived", []), *change["waived"]]}
