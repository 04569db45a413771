"""What a run found besides the match, as coordinators read it: dossiers nearly equal, and text left out of matching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application
from app.models.calls import Call
from app.models.matching import MatchRun
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class Named:
    """`call` is empty for a dossier of the run's own call."""

    public_id: str
    label: str
    title: str
    organisation: str
    call: str


@dataclass(frozen=True)
class Alike:
    first: Named
    second: Named
    share: float
    quotes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Retold:
    """`likeness`: a cosine within a language; for `kind` "across" by how many standard deviations the pair stands out."""

    first: Named
    second: Named
    kind: str
    likeness: float


@dataclass(frozen=True)
class LeftOut:
    """`document` is empty for typed text; `kind`: addressed, stuffed, hidden_text."""

    dossier: Named
    kind: str
    document: str
    pages: tuple[int, ...]


@dataclass(frozen=True)
class Guards:
    """`looked` False: the run was stored before anybody looked. `n_alike` and `n_retold` count also what is not listed;
    `unread` dossiers have no vector, None where the run never looked for retellings.
    """

    looked: bool
    alike: tuple[Alike, ...]
    n_alike: int
    retold: tuple[Retold, ...]
    n_retold: int
    unread: int | None
    left_out: tuple[LeftOut, ...]


def guards(session: Session, run_id: str, *, actor: Actor) -> Guards:
    permissions.require(actor, "matching.read")
    run = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one()
    if "alike" not in run.summary:
        return Guards(False, (), 0, (), 0, None, ())
    pairs, rows = run.summary["alike"]["pairs"], run.summary["left_out"]
    again = run.summary.get("retold", {"n": 0, "unread": None, "pairs": []})
    ids = {own for pair in (*pairs, *again["pairs"]) for own in (pair["first"], pair["second"])} | {
        row["application"] for row in rows
    }
    named = {
        row.id: Named(row.public_id, row.label, row.title, row.organisation.name, "" if row.call_id == run.round.call_id else code)
        for row, code in session.execute(
            select(Application, Call.code).join(Call, Call.id == Application.call_id).where(Application.id.in_(ids))
        )
    }
    return Guards(
        True,
        tuple(
            Alike(named[pair["first"]], named[pair["second"]], pair["share"], tuple(pair["quotes"]))
            for pair in pairs
            if pair["first"] in named and pair["second"] in named
        ),
        run.summary["alike"]["n"],
        tuple(
            Retold(named[pair["first"]], named[pair["second"]], pair["kind"], pair["likeness"])
            for pair in again["pairs"]
            if pair["first"] in named and pair["second"] in named
        ),
        again["n"],
        again["unread"],
        tuple(
            LeftOut(named[row["application"]], row["kind"], row["document"], tuple(row["pages"]))
            for row in rows
            if row["application"] in named
        ),
    )
