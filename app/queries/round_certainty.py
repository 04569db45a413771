"""How sure the results of a whole round are, for the office: its newest run with every dossier, and prompts to reread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.models.results import Result
from app.queries import certainty
from app.queries.certainty import Certainty
from app.queries.results import RunRow, newest_run, run_row
from app.workflow import permissions, rounds
from app.workflow.actors import Actor


@dataclass(frozen=True)
class OfRound(Certainty):
    run: RunRow
    prompts: tuple[Mapping[str, Any], ...]


def of_round(session: Session, call_id: str, *, actor: Actor, round_number: int | None = None) -> OfRound | None:
    """None before there is a run that knows how sure it is. Panellists go by a number of this run, never by name."""
    permissions.require(actor, "decision.explain")
    round_ = rounds.named(session, call_id, round_number)
    run = newest_run(session, round_)
    if run is None or run.fit is None or run.inputs is None:
        return None
    of_run = select(Result).where(Result.run_id == run.id).options(selectinload(Result.application))
    results = session.execute(of_run.order_by(Result.rank.is_(None), Result.rank)).scalars().all()
    aliases = {p["panellist"]: f"R{n:02d}" for n, p in enumerate(run.fit["panellists"], 1)}
    labels = {r.application.public_id: r.application.label for r in results}
    fields = {r.application.public_id: r.application.field_1 for r in results}
    found = certainty.of(run.fit, run.inputs, run.policy, [(r.application, r) for r in results], aliases, fields)
    return OfRound(**vars(found), run=run_row(session, run), prompts=tuple(_prompt(f, aliases, labels) for f in run.fit["flags"]))


def _prompt(flag: Mapping[str, Any], aliases: Mapping[str, str], labels: Mapping[str, str]) -> Mapping[str, Any]:
    data = dict(flag["data"])
    if "other" in data:
        data["other"] = aliases.get(data["other"], "")
    return {"code": flag["code"], "who": aliases.get(flag["panellist"], ""), "dossier": labels.get(flag["application"], ""), **data}
