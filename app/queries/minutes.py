"""The minutes of one deliberation as plain values: who was there, what was marked, said, voted and concluded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound
from app.models.applications import Application
from app.models.deliberations import Deliberation, Minutes
from app.models.matching import Panel, Seat
from app.models.results import CalibrationRun
from app.queries import certainty, deliberations, lotteries, panel_marks, seen_runs
from app.queries.deliberations import Talk
from app.workflow import duties, permissions, rounds, seating
from app.workflow.actors import Actor
from app.workflow.scores import pass_mark_of
from scoring.rubric import Rubric, load


@dataclass(frozen=True)
class Printed:
    """What the printed minutes are made from; names are for the office, the panel reads aliases.

    `copy`: made for a member whom a conflict keeps from another dossier of the panel; `digest` names what the copy holds.
    """

    content: dict[str, Any]
    digest: str
    copy: bool
    rubric: Rubric
    at: datetime
    names: bool
    file_name: str


def content_of(session: Session, application: Application, said: Deliberation, *, now: datetime) -> dict[str, Any]:
    """As things stand at the chair's conclusion; kept, and never made again."""
    panel = deliberations.panel_in(session, application, said.round_id)
    assert panel is not None
    rubric = load(application.call.rubric)
    result = rounds.result_of(session, application, said.round_id)
    talk = deliberations.talk_of(session, application, panel)
    columns = panel_marks.columns_of(session, panel, application, rubric, result)
    there = {seat.id for seat in duties.attending(session, panel, application)}
    call = application.call
    return {
        "application": application.public_id,
        "label": application.label,
        "title": application.title,
        "call": {"code": call.code, "ko": call.title_ko, "en": call.title_en},
        "round": panel.round.number,
        "panel": panel.number,
        "outcome": application.status,
        "at": now.isoformat(),
        "rubric": rubric.key,
        "pass_mark": pass_mark_of(result, call.rules.get("pass_mark", rubric.pass_mark)),
        "run": None,
        "result": None,
        **(_results(session, result.run, application, panel) if result else {}),
        "sheets": [_sheet(column, rubric) for column in columns],
        "lottery": list(place) if (place := lotteries.place_of(session, application, said.round_id)) else None,
        "names": sorted(seat.expert.person.name for seat in panel.seats if seat.id in there),
        **_said(talk),
    }


def printed(session: Session, application_id: str, *, actor: Actor, round_number: int | None = None) -> Printed:
    """Of the round that judges the dossier now, or of the one asked for. Members with a conflict have nothing to print."""
    permissions.require(actor, "minutes.read")
    application = session.execute(select(Application).where(Application.public_id == application_id)).scalar_one_or_none()
    found = _minutes(session, application, round_number) if application else None
    if application is None or found is None:
        raise NotFound("not_found")
    office, round_id = actor.has("coordinator") or actor.has("auditor"), found.deliberation.round_id
    content, digest, hidden = found.content, found.digest, frozenset[str]()
    if not office:
        if not _sat_there(session, application, round_id, actor):
            raise NotFound("not_found")
        hidden = seen_runs.hidden_from(session, actor.expert_id, round_id)
    if hidden:
        content = _without(session, application, round_id, content, hidden)
        digest = journal.sha256(content)
    name = f"minutes-{application.call.code}-{application.label}-{content['round']}"
    return Printed(content, digest, bool(hidden), load(content["rubric"]), found.at, office, name)


def _results(
    session: Session, run: CalibrationRun, application: Application, panel: Panel, hidden: Collection[str] = ()
) -> dict[str, Any]:
    """What the run says of this dossier, how sure it is of the panel's, and what the call's rules treated apart."""
    shown = [d.application for d in panel.dossiers if d.application.public_id not in hidden]
    seen = seen_runs.of(session, run, shown, without=hidden)
    result = seen.results[application.public_id]
    sure = certainty.of_panel(session, seen, shown)
    given: Mapping[str, Any] = next((row for row in seen.inputs if row["application"] == application.public_id), {})
    detail = result.detail or {}
    return {
        "run": {"number": seen.number, "inputs": seen.inputs_digest},
        "result": {
            "total": result.total,
            "raw_mean": result.raw_mean,
            "calibrated": result.calibrated,
            "trimmed_mean": result.trimmed_mean,
            "criteria": result.criteria,
            "gates": result.gates,
            "reasons": result.reasons,
        },
        "treated": {
            "bonus": detail.get("bonus"),
            "bonuses": list(given.get("bonuses", ())),
            "exempt": list(given.get("exempt", ())),
            "pass_mark": detail.get("pass_mark"),
            "general": str(seen.policy["pass_mark"]),
        },
        "certainty": sure.as_data() if sure else None,
    }


def _without(
    session: Session, application: Application, round_id: int, content: Mapping[str, Any], hidden: Collection[str]
) -> dict[str, Any]:
    """The same minutes with every value that other dossiers have a part in computed without those the reader must not know."""
    copy = dict(content)
    panel = deliberations.panel_in(session, application, round_id)
    if content["run"] is not None and panel is not None:
        number = content["run"]["number"]
        runs = select(CalibrationRun).where(CalibrationRun.round_id == round_id, CalibrationRun.number == number)
        copy |= _results(session, session.execute(runs).scalar_one(), application, panel, hidden)
    if content.get("lottery"):
        number = content["lottery"][0]
        place = lotteries.place_of(session, application, round_id, number=number, without=hidden)
        copy["lottery"] = list(place) if place else None
    plain: dict[str, Any] = _plain(copy)
    return plain


def _minutes(session: Session, application: Application, round_number: int | None) -> Minutes | None:
    rows = select(Minutes).join(Deliberation).where(Deliberation.application_id == application.id)
    kept = session.execute(rows.order_by(Minutes.id.desc())).scalars()
    return next((row for row in kept if round_number in (None, row.content["round"])), None)


def _sat_there(session: Session, application: Application, round_id: int, actor: Actor) -> bool:
    panel = deliberations.panel_in(session, application, round_id)
    seats: list[Seat] = panel.seats if panel else []
    mine = next((s for s in seats if s.expert_id == actor.expert_id and s.status in ("active", "done")), None)
    return mine is not None and actor.expert_id is not None and application.id not in seating.barred_from(session, mine)


def _sheet(column: panel_marks.Column, rubric: Rubric) -> dict[str, Any]:
    changed = {code: [was, column.given[code].step] for code in rubric.item_codes if (was := column.was(code)) is not None}
    return {
        "alias": column.alias,
        "total": column.total,
        "criteria": dict(column.by_criterion),
        "gates": dict(column.gates),
        "alarm": dict(column.alarm) if column.alarm else None,
        "first_total": column.first_total,
        "changed": changed,
        "revisions": [{"at": r.at.isoformat(), "because": r.because} for r in column.revisions],
    }


def _said(talk: Talk) -> dict[str, Any]:
    """Everything of the talk but what names the reader; times as text."""
    told = {
        "paragraphs": [asdict(p) for p in talk.paragraphs.values() if p.text],
        "members": [{k: v for k, v in asdict(m).items() if k not in ("seat", "mine")} for m in talk.members],
        "step_outs": [asdict(s) for s in talk.step_outs],
        "waivers": [list(w) for w in talk.waivers],
        "sittings": [list(s) for s in talk.sittings],
        "votes": [{k: v for k, v in asdict(vote).items() if k not in ("public_id", "voted")} for vote in talk.votes],
        "inspections": [asdict(i) for i in talk.inspections],
        "text_sha256": talk.digest,
    }
    plain: dict[str, Any] = _plain(told)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
