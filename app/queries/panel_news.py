"""What happened at the table since a moment, told from what the reader sees there anyway; and a name for the state of it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app import journal
from app.queries.agenda import Agenda
from app.queries.panel_marks import Table


@dataclass(frozen=True)
class News:
    """`kind`: written, answered, revised, computed, taken_up, set_aside, stepped_out, vote_opened, vote_closed, confirmed."""

    kind: str
    at: datetime
    who: str = ""  # alias
    about: str = ""  # topic of a paragraph, number of a vote

    @property
    def key(self) -> str:
        return f"{self.kind} {self.who} {self.about} {self.at.isoformat()}"


def since(table: Table, moment: datetime) -> tuple[News, ...]:
    """The newest first; what the reader did is left out. An open vote tells nothing of its ballots."""
    own = table.own.alias if table.own else next((m.alias for m in table.talk.members if m.mine), "")
    found = [news for news in _all(table) if news.at > moment and news.who != own]
    return tuple(sorted(found, key=lambda news: (news.at, news.key), reverse=True))


def state_of(table: Table) -> str:
    """Changes with anything that the page shows, and with nothing else."""
    return journal.sha256(
        [
            table.status,
            table.duty,
            table.computing,
            table.minutes,
            [table.outcome.total, table.outcome.run, table.outcome.outcome] if table.outcome else [],
            [[c.alias, c.duty, c.total, len(c.revisions)] for c in table.columns],
            [[m.alias, m.duty, m.state, m.absent_because, m.approves, m.reason] for m in table.talk.members],
            [[v.number, v.voted, v.closed_at is not None] for v in table.talk.votes],
            len(table.talk.inspections),
            [news.key for news in _all(table)],
        ]
    )


def state_of_agenda(agenda: Agenda) -> str:
    rows = [
        [i.application, i.place, i.rank, i.total, i.outcome, i.state, i.duty, i.present, i.approving, i.unanswered, i.written]
        for i in agenda.items
    ]
    return journal.sha256(rows)


def _all(table: Table) -> Iterator[News]:
    talk = table.talk
    for p in talk.paragraphs.values():
        yield News("written", p.at, p.by, p.topic)
    for m in talk.members:
        if m.at is not None:
            yield News("answered", m.at, m.alias)
    for c in table.columns:
        for revision in c.revisions:
            yield News("revised", revision.at, c.alias)
    for taken_up, set_aside in talk.sittings:
        yield News("taken_up", taken_up)
        if set_aside is not None:
            yield News("set_aside", set_aside)
    for out in talk.step_outs:
        yield News("stepped_out", out.out_at, out.alias)
    for vote in talk.votes:
        yield News("vote_opened", vote.opened_at, about=str(vote.number))
        if vote.closed_at is not None:
            yield News("vote_closed", vote.closed_at, about=str(vote.number))
    if talk.confirmed_at is not None:
        yield News("confirmed", talk.confirmed_at)
    if table.outcome is not None:
        yield News("computed", table.outcome.run_at)
