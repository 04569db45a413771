"""A copy of a run is edited seat by seat: weighed first, on record, taken back, and never at the cost of the run it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import affinities, exports, i18n, journal
from app.affinities import Kept
from app.db import Database
from app.errors import Invalid, NotAllowed, Stale, WrongStage
from app.exports.tables import as_csv
from app.jobs import matching as job
from app.models.applications import Application
from app.models.experts import Expert
from app.models.matching import Conflict, MatchRun, Panel, RunEdit, RunPanel, RunSeat
from app.models.process import JournalEntry, Mail
from app.models.reviews import Invitation
from app.queries import board as boards
from app.queries import deploying, drafts, run_comparison, run_spread
from app.queries.board import Wish
from app.stages import calls, invitations
from app.stages.matching import deployment, editing, filing, redrawing
from app.workflow import seat_file
from app.workflow.actors import NOBODY, OPERATOR
from app.workflow.rules import SeatQuota
from config import Config
from tests.encoders import WordEncoders
from tests.matching import World, dossier, expert
from tests.people import acting

pytestmark = pytest.mark.storage
ME: dict[str, Any] = {"actor": OPERATOR}


@pytest.fixture
def world(config: Config, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    encoders = WordEncoders()
    monkeypatch.setattr(job, "encoders", lambda _config: encoders)
    return World(config, database, now)


def kept(world: World, run_id: str) -> Kept:
    found = affinities.find(world.config.affinities_dir, run_id)
    assert found is not None
    return found


def seats(session: Session, run_id: str) -> list[tuple[int, int, str, bool]]:
    rows = session.execute(
        select(RunPanel.number, RunSeat.ordinal, Expert.external_id, RunSeat.locked)
        .join(RunSeat, RunSeat.run_panel_id == RunPanel.id)
        .join(Expert, Expert.id == RunSeat.expert_id)
        .join(MatchRun, MatchRun.id == RunPanel.run_id)
        .where(MatchRun.public_id == run_id, RunSeat.substitute_rank == 0)
        .order_by(RunPanel.number, RunSeat.ordinal)
    )
    return [(panel, ordinal, own, locked) for panel, ordinal, own, locked in rows]


def who(session: Session, own: str) -> str:
    return session.execute(select(Expert.public_id).where(Expert.external_id == own)).scalar_one()


def holder(session: Session, run_id: str, panel: int, ordinal: int) -> str:
    return who(session, next(own for p, o, own, _ in seats(session, run_id) if (p, o) == (panel, ordinal)))


def view(session: Session, call: str, run: str, table: Kept, **wish: Any) -> boards.Board:
    return boards.board(session, call, run, Wish(**wish), kept=table, actor=OPERATOR)


def test_a_draft_is_edited_weighed_recorded_and_taken_back(world: World) -> None:
    call = world.fill([expert(n) for n in range(16)], [dossier(n) for n in range(4)])
    base = world.match(call)
    table, me = kept(world, base), ME | {"now": world.now}
    with world.database.write() as session:
        before = seats(session, base)
        draft = editing.copy(session, base, **me).public_id
        assert seats(session, draft) == before
        run = session.execute(select(MatchRun).where(MatchRun.public_id == draft)).scalar_one()
        assert (run.status, run.base.public_id, run.number) == ("draft", base, 2)
        start = dict(run.summary)

    with world.database.read() as session:  # the cost is shown before the choice …
        shown = view(session, call, draft, table, panel=1, seat=1)
        choice = next(c for c in shown.candidates if not c.cost.refused)
        # … and equals what the table says, on the panel and on the total
        assert choice.cost.delta == pytest.approx(choice.affinity - shown.chosen.place.affinity)  # type: ignore[union-attr]
        assert choice.cost.mean_after == pytest.approx(choice.cost.mean_before + choice.cost.delta / 3)
        assert [c.affinity for c in shown.candidates] == sorted((c.affinity for c in shown.candidates), reverse=True)
        there = holder(session, draft, 1, 1)

    with world.database.write() as session:
        edit = editing.seat(session, draft, 1, 1, choice.who.public_id, kept=table, holder=there, **me)
        assert (edit.number, edit.kind, edit.delta) == (1, "replace", pytest.approx(choice.cost.delta))
        assert run_of(session, draft).summary["total"] == pytest.approx(start["total"] + edit.delta)
        assert run_of(session, draft).result_digest != run_of(session, base).result_digest
        with pytest.raises(Stale):  # somebody else's page still shows the former holder
            editing.seat(session, draft, 1, 1, there, kept=table, holder=there, **me)
        editing.lock(session, draft, 1, [2], True, **me)
        with pytest.raises(WrongStage):
            editing.remove(session, draft, 1, 2, holder=holder(session, draft, 1, 2), **me)
        editing.remove(session, draft, 1, 3, holder=holder(session, draft, 1, 3), **me)
        assert run_of(session, draft).summary["empty"] == 1
        refilled = redrawing.redraw(session, draft, 1, [3], kept=table, **me)
        assert refilled.changes[0]["before"] is None
        assert run_of(session, draft).summary["empty"] == 0
        with pytest.raises(NotAllowed):
            editing.remove(session, draft, 1, 1, holder=there, actor=NOBODY, now=world.now)

    with world.database.write() as session:
        assert [row.kind for row in drafts.edits(session, draft, **ME)] == ["redraw", "remove", "lock", "replace"]
        assert seats(session, base) == before  # nothing of this touched the run itself
        assert editing.undo(session, draft, 2, **me) == 3
        assert editing.undo(session, draft, 1, **me) == 1
        assert seats(session, draft) == before
        assert run_of(session, draft).summary["total"] == pytest.approx(start["total"])
        assert run_of(session, draft).result_digest == run_of(session, base).result_digest
        with pytest.raises(WrongStage):
            editing.undo(session, draft, 1, **me)
        with pytest.raises(WrongStage):  # a stored run is never edited
            editing.lock(session, base, 1, [], True, **me)
        told = [row.action for row in session.execute(select(JournalEntry).order_by(JournalEntry.id)).scalars()]
        assert told[-7:] == ["match_run.copied", *["match_run.edited"] * 4, *["match_run.edit_undone"] * 2]
        assert journal.verify(session).first_bad is None

    with world.database.write() as session:
        editing.seat(session, draft, 1, 1, choice.who.public_id, kept=table, holder=there, **me)
        deployment.deploy(session, draft, **me)
        assert len(session.execute(select(Panel)).scalars().all()) == 4
        with pytest.raises(WrongStage):  # what was deployed is not edited either
            editing.undo(session, draft, 1, **me)


def run_of(session: Session, public_id: str) -> MatchRun:
    return session.execute(select(MatchRun).where(MatchRun.public_id == public_id)).scalar_one()


def test_rules_without_exception_refuse_and_the_others_ask_for_a_reason(world: World) -> None:
    near = [{"title": "Battery lithium cell product", "abstract": "Our battery lithium cell device."}] * 2
    people = [
        expert(0, organisation="Uni A", sector="industry", works=near), expert(4, organisation="Uni A", sector="academia"),
        expert(8, organisation="Uni B", sector="academia"), expert(12, organisation="Uni C", sector="academia"),
        expert(16, organisation="Uni D", sector="academia", load_cap=0), expert(20, organisation="Maker 0", sector="academia"),
        expert(24, organisation="Uni E", sector="academia"), expert(28, organisation="Uni B", sector="academia"),
    ]  # fmt: skip
    rules = replace(calls.plain_rules(seats=3, load_max=2), quotas=(SeatQuota("sector", "industry", 1),))
    call = world.fill(people, [dossier(0)], rules)
    base = world.match(call)
    table, me = kept(world, base), ME | {"now": world.now}
    with world.database.write() as session:
        draft = editing.copy(session, base, **me).public_id
        place = {own: ordinal for _, ordinal, own, _ in seats(session, draft)}
        assert "E0" in place
        other = next(ordinal for own, ordinal in place.items() if own != "E0")
        application = session.execute(select(Application.id)).scalar_one()
        outside = next(own for own in ("E24", "E12", "E8", "E28") if own not in place)
        expert_id = session.execute(select(Expert.id).where(Expert.external_id == outside)).scalar_one()

        def rules_of(own: str, ordinal: int) -> list[tuple[str, bool]]:
            shown = view(session, call, draft, table, panel=1, seat=ordinal, what_if=who(session, own))
            return [(rule.rule, rule.hard) for rule in shown.trial.cost.broken] if shown.trial else []

        def put(own: str, ordinal: int, **more: Any) -> RunEdit:
            here = holder(session, draft, 1, ordinal)
            return editing.seat(session, draft, 1, ordinal, who(session, own), kept=table, holder=here, **me, **more)

        assert rules_of("E16", other) == [("load", True)]
        assert rules_of("E20", other) == [("conflict", True)]
        assert rules_of("E4", other) == [("institution", True)]
        assert rules_of(outside, place["E0"]) == [("least", False)]
        for own, ordinal in (("E16", other), ("E20", other), ("E4", other)):
            with pytest.raises(Invalid, match="refused_"):
                put(own, ordinal, reason="because")
        with pytest.raises(Invalid, match="reason_needed"):
            put(outside, place["E0"])
        edit = put(outside, place["E0"], reason="The only expert for this field")
        assert [rule["rule"] for rule in edit.broken] == ["least"]
        editing.undo(session, draft, edit.number, **me)

        session.add(Conflict(expert_id=expert_id, application_id=application, kind="statutory_exclusion", ground="participant",
                             hard=False, status="raised", raised_at=world.now))  # fmt: skip
        session.flush()
        assert rules_of(outside, other) == [("open_conflict", False)]
        put(outside, other, reason="Another person of the same name")
        assert view(session, call, draft, table, show="open").total == 1
        conflict = session.execute(select(Conflict).where(Conflict.expert_id == expert_id)).scalar_one()
        conflict.hard = True
        session.flush()
        assert view(session, call, draft, table).outdated == {"barred": 1}
        session.execute(select(Application)).scalar_one().status = "withdrawn"
        session.flush()
        assert view(session, call, draft, table).outdated == {"barred": 1, "dossiers": 1}


def test_a_redraw_leaves_locked_seats_and_every_other_panel_alone(world: World) -> None:
    call = world.fill([expert(n) for n in range(24)], [dossier(0), dossier(4), dossier(8)])
    base = world.match(call)
    table, me = kept(world, base), ME | {"now": world.now}
    with world.database.write() as session:
        draft = editing.copy(session, base, **me).public_id
        before = seats(session, draft)
        editing.lock(session, draft, 2, [1], True, **me)
        redrawing.redraw(session, draft, 2, [2], kept=table, **me)
        after = seats(session, draft)
        assert [s for s in after if s[0] != 2] == [s for s in before if s[0] != 2]
        mine = {o: own for p, o, own, _ in before if p == 2}
        now_ = {o: own for p, o, own, _ in after if p == 2}
        assert (now_[1], now_[3]) == (mine[1], mine[3])
        assert now_[2] not in mine.values()
        loads = [own for _, _, own, _ in after]
        assert max(loads.count(own) for own in loads) <= 2
        redrawing.redraw(session, draft, 2, [], kept=table, **me)  # the best again, around the lock
        means = [{line.number: line.mean for line in view(session, call, run, table).lines} for run in (draft, base)]
        assert means[0] == pytest.approx(means[1])
        with pytest.raises(WrongStage, match="already_best"):
            redrawing.redraw(session, draft, 2, [], kept=table, **me)
        with pytest.raises(WrongStage, match="no_affinity"):
            redrawing.redraw(session, draft, 1, [], kept=None, **me)


def test_several_panels_are_locked_and_redrawn_as_one_change(world: World) -> None:
    call = world.fill([expert(n) for n in range(24)], [dossier(0), dossier(4), dossier(1)])
    base = world.match(call)
    table, me = kept(world, base), ME | {"now": world.now}
    with world.database.write() as session:
        draft = editing.copy(session, base, **me).public_id
        before = seats(session, draft)
        assert len(editing.lock_panels(session, draft, [1, 3], True, **me).changes) == 6
        assert {panel for panel, *_, locked in seats(session, draft) if locked} == {1, 3}
        editing.undo(session, draft, 1, **me)
        for panel in (1, 2):
            for ordinal in (1, 2):
                editing.remove(session, draft, panel, ordinal, holder=holder(session, draft, panel, ordinal), **me)
        edit = redrawing.redraw_panels(session, draft, [1, 2], kept=table, **me)
        assert {change["panel"] for change in edit.changes} == {1, 2}
        assert run_of(session, draft).summary["empty"] == 0
        people = [own for _, _, own, _ in seats(session, draft)]
        assert max(people.count(own) for own in people) <= 2
        assert run_of(session, draft).summary["total"] == pytest.approx(run_of(session, base).summary["total"])
        editing.undo(session, draft, 2, **me)
        assert seats(session, draft) == before
        with pytest.raises(Invalid, match="choose_panels"):
            editing.lock_panels(session, draft, [], True, **me)


def test_a_file_is_shown_first_applied_whole_and_taken_back_as_one(world: World) -> None:
    call = world.fill([expert(n) for n in range(20)], [dossier(n) for n in range(4)])
    base = world.match(call)
    table, me = kept(world, base), ME | {"now": world.now}
    with world.database.write() as session:
        draft = editing.copy(session, base, **me).public_id
        before = seats(session, draft)
        exported = as_csv(exports.table(session, "panel_list", draft, actor=OPERATOR)).decode("utf-8-sig")

        def read(text: str) -> seat_file.Plan:
            return drafts.read_file(session, draft, text.encode(), kept=table, actor=OPERATOR).plan

        assert (read(exported).differences, read(exported).bad, read(exported).rows) == ((), (), 12)
        i18n.use("ko")  # the header is read in either language
        assert read(as_csv(exports.table(session, "panel_list", draft, actor=OPERATOR)).decode("utf-8-sig")).bad == ()

        mine = {own for panel, _, own, _ in before if panel == 1}
        free = next(n for n in range(0, 20, 4) if f"E{n}" not in {own for _, _, own, _ in before})
        rows = [f"{panel},{ordinal},{own}" for panel, ordinal, own, _ in before]
        changed = ["panel,seat,expert_id", f"1,1,E{free}", *rows[1:4], "2,2,", *rows[5:]]
        plan = read("\n".join(changed))
        assert [(d.before.number, len(d.left), len(d.came)) for d in plan.differences] == [(1, 1, 1), (2, 1, 0)]
        assert plan.bad == ()

        twice = f"1,1,{rows[1].split(',')[2]}"
        wrong = ["panel,seat,expert_id", twice, *rows[1:3], "9,1,E1", "1,7,E1", "x,1,E1", "2,1,nobody", rows[5], rows[5]]
        assert [(bad.line, bad.code) for bad in read("\n".join(wrong)).bad] == [
            (3, "seat_file.expert_twice"), (5, "seat_file.no_panel"), (6, "seat_file.no_seat"), (7, "seat_file.no_number"),
            (8, "seat_file.no_expert"), (10, "seat_file.seat_twice")]  # fmt: skip
        full = next(own for _, _, own, _ in before if own not in mine)
        thrice = ["panel,seat,expert_id", *(f"{panel},1,{full}" for panel in (1, 2, 3, 4)),
                  *(row for row in rows if row.split(",")[1] != "1" and row.split(",")[2] != full)]  # fmt: skip
        assert {bad.code for bad in read("\n".join(thrice)).bad} == {"board.refused_load"}
        with pytest.raises(Invalid, match="bad_rows"):
            filing.apply(session, draft, "\n".join(wrong).encode(), kept=table, digest="", reason="", **me)
        with pytest.raises(Invalid, match="columns"):
            read("a,b\n1,2")

        with pytest.raises(Stale):
            filing.apply(session, draft, "\n".join(changed).encode(), kept=table, digest="seen something else", reason="", **me)
        edit = filing.apply(session, draft, "\n".join(changed).encode(), kept=table, digest=plan.digest, reason="agreed", **me)
        assert (edit.kind, edit.delta) == ("file", pytest.approx(plan.cost.delta))
        assert run_of(session, draft).summary["empty"] == 1
        assert read("\n".join(changed)).differences == ()
        editing.undo(session, draft, edit.number, **me)
        assert seats(session, draft) == before


def test_runs_are_compared_seat_by_seat_and_their_spread_is_counted(world: World) -> None:
    call = world.fill([expert(n, region="Seoul" if n < 8 else "Busan") for n in range(16)], [dossier(n) for n in range(4)])
    base = world.match(call)
    table, me = kept(world, base), ME | {"now": world.now}
    with world.database.write() as session:
        draft = editing.copy(session, base, **me).public_id
        choice = next(c for c in view(session, call, draft, table, panel=1, seat=1).candidates if not c.cost.refused)
        edit = editing.seat(session, draft, 1, 1, choice.who.public_id, kept=table, holder=holder(session, draft, 1, 1), **me)
        found = run_comparison.compare(session, call, [], actor=OPERATOR)
        first, second = found.columns
        assert (first.differ, second.differ, found.n_panels) == (None, 1, 1)
        assert second.measures.total - first.measures.total == pytest.approx(edit.delta)
        assert found.panels[0].only_second == (choice.who.name,)
        m = first.measures
        assert (m.panels, m.seats, m.empty, m.newcomers, sum(m.loads)) == (4, 12, 0, 12, 12)
        assert sum(m.regions.values()) == 12
        assert m.groups == 4  # four topics, no common panellist
        assert m.lowest <= m.decile <= m.mean
        spread = run_spread.spread(session, draft, actor=OPERATOR)
        assert (spread.experts, spread.letters, spread.declines) == (len({own for *_, own, _ in seats(session, draft)}), 0, {})


def test_what_changed_since_stops_the_deployment_and_who_was_asked_is_told_of_the_withdrawal(world: World) -> None:
    call = world.fill([expert(n, mail=f"e{n}@example.org") for n in range(8)], [dossier(0)])
    base = world.match(call)
    me = ME | {"now": world.now}
    with world.database.write() as session:
        expert_id = session.execute(select(RunSeat.expert_id).where(RunSeat.substitute_rank == 0).limit(1)).scalar_one()
        application = session.execute(select(Application.id)).scalar_one()
        late = Conflict(expert_id=expert_id, application_id=application, kind="challenge", ground="participant", hard=False,
                        status="raised", raised_at=world.now)  # fmt: skip
        session.add(late)
        session.flush()
        with pytest.raises(WrongStage, match=r"deploy\.open"):
            deployment.deploy(session, base, **me)
        session.rollback()
    with world.database.write() as session:
        before = deploying.before(session, base, actor=OPERATOR, now=world.now, base_url="https://x")
        assert (before.stopped, before.experts, before.without_address, before.typed) == (False, 3, 0, "C1 1")
        assert "https://x/panellist/invitations/" in before.letter["en"][1]
        deployment.deploy(session, base, **me)
        assert invitations.send(session, call, actor=acting(session, world.now, "coordinator"), now=world.now) == 3
        asked = deploying.asked(session, base, actor=OPERATOR)
        assert (asked.seats["invited"], asked.letters) == (3, 3)
        deployment.withdraw(session, base, reason="Another composition", **me)
        letters = session.execute(select(Invitation)).scalars().all()
        assert [letter.answer for letter in letters] == ["called_off"] * 3
        sent = session.execute(select(Mail).where(Mail.template == "invitation_called_off")).scalars().all()
        assert len(sent) == 3
        assert session.execute(select(Panel)).first() is None
        assert session.execute(select(Application)).scalar_one().status == "eligible"
