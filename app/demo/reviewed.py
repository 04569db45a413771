"""Second chapter: panels are matched, invited, sworn; they score, deliberate and recommend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import outbox
from app.demo.cases import case, variants
from app.demo.comments import comment
from app.demo.glossary import GlossaryEncoder
from app.demo.quality import true_total
from app.demo.stage import MAIN, Stage
from app.errors import WrongStage
from app.jobs import matching as computing
from app.models.applications import Application
from app.models.matching import Panel, PanelDossier, Seat
from app.models.reviews import Invitation, Sheet
from app.stages import calibration, consensus, deliberation, invitations, matching, panels, scoresheets, sittings
from app.stages.invitations import Declared
from app.stages.matching import deployment, inputs, results
from app.stages.scoresheets import Entry, Filled
from app.workflow import declarations, duties, rounds
from app.workflow.actors import SYSTEM
from app.workflow.deliberations import text_digest
from scoring.rubric import Rubric, load
from scoring.simulate import Spread, simulate

DECLINES_ONE_IN = 11


class Lexical:
    """Both languages by their words: the first panels are seated before any language model has run, and say so."""

    def __init__(self) -> None:
        self.english = self.multilingual = GlossaryEncoder()


def match_and_deploy(stage: Stage, days_ago: float) -> None:
    """A run over everything that is eligible and has no panel, deployed at once."""
    coordinator, now = stage.staff("coordinator"), stage.ago(days_ago)
    with stage.database.write() as session:
        run = matching.order(session, stage.call_ids[MAIN], actor=coordinator, now=now, seed=f"demo-{days_ago:g}")
        run_id = run.public_id
        claim = outbox.claim(session, run.promise_id or 0, now=now, lease=timedelta(hours=1))
        assert claim is not None
        matching.start(session, run_id, actor=SYSTEM, now=now)
    with stage.database.read() as session:
        given = inputs.read(session, run_id)
    found = computing.compute(
        given, Lexical(), stage.files.folder.parent / "vectors", lambda done, total, _note: stage.tell("panels", done, total)
    )
    with stage.database.write() as session:
        results.record_run(session, run_id, given, found, actor=SYSTEM, now=now)
        outbox.complete(session, claim, now=now)
    with stage.database.write() as session:
        deployment.deploy(session, run_id, actor=coordinator, now=now)


def invite(stage: Stage, days_ago: float) -> None:
    with stage.database.write() as session:
        invitations.send(session, stage.call_ids[MAIN], actor=stage.staff("coordinator"), now=stage.ago(days_ago))


def answer(
    stage: Stage, days_ago: float, *, leave_every: int = 0, leave: Sequence[int] = (), pledge: bool = True
) -> None:
    """Experts accept and pledge; one in eleven declines, and the substitutes asked in their place answer too."""
    rng, seen = Random(f"answers {days_ago:g}"), set[int]()
    while rows := _unanswered(stage, seen):
        for n, (row_id, public_id, expert_id) in enumerate(rows):
            stage.tell("answers", n, len(rows))
            seen.add(row_id)
            if expert_id in leave or (leave_every and rng.randrange(leave_every) == 0):
                continue  # still thinking
            with stage.database.write() as session:
                actor, now = stage.cast.expert(session, expert_id), stage.ago(days_ago + rng.random() / 2)
                if rng.randrange(DECLINES_ONE_IN) == 0:
                    reason = rng.choice(sorted(declarations.DECLINE_REASONS))
                    invitations.decline(
                        session,
                        public_id,
                        reason=reason,
                        note=str(rng.choice(variants("decline", reason)).ko),
                        actor=actor,
                        now=now,
                    )
                    continue
                asked = _asked_about(session, expert_id)
                invitations.accept(session, public_id, {a: Declared(False) for a in asked}, actor=actor, now=now)
                if pledge:
                    invitations.pledge(session, public_id, version=declarations.CURRENT.version, actor=actor, now=now)


def start_full_panels(stage: Stage, days_ago: float) -> None:
    with stage.database.write() as session:
        panels.start_all_full(session, stage.call_ids[MAIN], actor=stage.staff("coordinator"), now=stage.ago(days_ago))


def start_short_panels(stage: Stage, days_ago: float) -> None:
    """Panels that declines left incomplete begin with fewer, where the quorum has pledged."""
    with stage.database.read() as session:
        waiting = (
            session.execute(
                select(Panel.public_id)
                .where(Panel.id.in_(select(Seat.panel_id).where(Seat.status == "pledged")))
                .order_by(Panel.id)
            )
            .scalars()
            .all()
        )
    for panel_id in waiting:
        with suppress(WrongStage), stage.database.write() as session:
            panels.start(session, panel_id, actor=stage.staff("coordinator"), now=stage.ago(days_ago), accept_short=True)


def score(stage: Stage, days_ago: float, *, share: float = 1.0) -> None:
    """Sheets with marks as people give them: severe and lenient panellists, noise, comments; `share` of them are submitted."""
    with stage.database.read() as session:
        rows = session.execute(
            select(Sheet.public_id, Application.public_id, Seat.expert_id, Application.call_id)
            .join(Seat, Seat.id == Sheet.seat_id)
            .join(Application, Application.id == Sheet.application_id)
            .where(Sheet.status == "empty", Seat.status == "active")
            .order_by(Sheet.id)
        ).all()
        rubric = load(session.execute(select(Application).limit(1)).scalar_one().call.rubric)
    truth = {a: _truth(stage, a) for _, a, _, _ in rows}
    sheets = {
        (s.application_id, s.panellist_id): s
        for s in simulate([(a, str(e)) for _, a, e, _ in rows], rubric, seed=7, spread=Spread(), truth=truth).scores.sheets()
    }
    rng = Random(f"sheets {days_ago:g}")
    for n, (sheet_id, application_id, expert_id, _) in enumerate(rows):
        stage.tell("sheets", n, len(rows))
        drawn, late = sheets[application_id, str(expert_id)], rng.random()
        if late > share + 0.15:
            continue  # not begun
        entries = _entries(stage, application_id, drawn.marks, drawn.gates, rubric, rng)
        with stage.database.write() as session:
            actor, now = stage.cast.expert(session, expert_id), stage.ago(days_ago + rng.random())
            sheet = scoresheets.open_sheet(session, sheet_id, actor=actor, now=now)
            session.flush()
            kept = entries if late <= share else dict(list(entries.items())[: len(entries) // 2])
            said = _opinion(stage, application_id, kept, rng)
            sheet = scoresheets.save(session, sheet_id, Filled(sheet.version, kept, said), actor=actor, now=now)
            if late <= share:
                scoresheets.lock(session, sheet_id, version=sheet.version, actor=actor, now=now)


def calibrate(stage: Stage, days_ago: float) -> None:
    with stage.database.write() as session:
        calibration.calibrate_round(session, stage.call_ids[MAIN], actor=stage.staff("coordinator"), now=stage.ago(days_ago))


def deliberate(stage: Stage, applications: Sequence[str], days_ago: float, *, conclude: bool = True) -> dict[str, list[str]]:
    """The panel meets: consensus drafted by the rapporteur, confirmed and concluded by the chair. Returns who ended how."""
    ended: dict[str, list[str]] = {"recommended": [], "not_recommended": []}
    coordinator, now = stage.staff("coordinator"), stage.ago(days_ago)
    for n, application_id in enumerate(applications):
        stage.tell("deliberation", n, len(applications))
        with stage.database.write() as session:
            application = deliberation.convene(session, application_id, actor=coordinator, now=now)
            result = rounds.result_of(session, application)
            assert result is not None
            held = _duties(session, application)
            kind = "recommended" if result.outcome == "recommended" else "not_recommended"
            if any(r.get("code") == "below_cut_line" for r in result.reasons) and not any(
                r.get("code") == "below_pass_mark" for r in result.reasons
            ):
                kind = "cut_line"
            text = case("consensus", kind, stage.rng, product=stage.product(application_id))
            alarms = case("deviation", "explanation", stage.rng) if any(s.get("alarm") for s in result.sheets) else None
            korean = stage.dossiers[application_id]["language"] == "ko"
            rapporteur, chair = (stage.cast.expert(session, held[duty]) for duty in ("rapporteur", "chair"))
            texts = {"overall": str(text.ko if korean else text.en)}
            if alarms:
                texts["alarms"] = str(alarms.ko if korean else alarms.en)
            said = consensus.draft(session, application_id, texts, actor=rapporteur, now=now)
            if not conclude:
                continue
            digest = text_digest(said.text, said.alarms_note)
            sittings.take_up(session, application_id, actor=chair, now=now)
            for expert_id in _present(session, application):
                member = stage.cast.expert(session, expert_id)
                consensus.answer(session, application_id, digest=digest, approves=True, actor=member, now=now)
            deliberation.confirm(session, application_id, digest=digest, actor=chair, now=now)
            deliberation.conclude(session, application_id, actor=chair, now=now)
            ended[application.status].append(application_id)
    return ended


def busiest(stage: Stage) -> list[int]:
    """The experts with most seats in panels at work, for the accounts that people try."""
    with stage.database.read() as session:
        loads = Counter(session.execute(select(Seat.expert_id).where(Seat.status.in_(("invited", "active", "drawn")))).scalars())
        taken = set(session.execute(select(Seat.expert_id).where(Seat.status == "done")).scalars())
    return [expert for expert, _ in loads.most_common() if expert not in taken]


def newly_drawn(stage: Stage) -> list[int]:
    """Experts drawn and not yet asked, who have no seat elsewhere: they still have an invitation to answer."""
    with stage.database.read() as session:
        drawn = session.execute(select(Seat.expert_id).where(Seat.status == "drawn").order_by(Seat.id)).scalars().all()
        busy = Seat.status.not_in(("drawn", "candidate", "excluded"))
        others = set(session.execute(select(Seat.expert_id).where(busy)).scalars())
    return [expert for expert in dict.fromkeys(drawn) if expert not in others] or list(dict.fromkeys(drawn))


def _unanswered(stage: Stage, seen: set[int]) -> list[tuple[int, str, int]]:
    with stage.database.read() as session:
        rows = session.execute(
            select(Invitation.id, Invitation.public_id, Invitation.expert_id).where(Invitation.answer == "").order_by(Invitation.id)
        ).all()
    return [(i, p, e) for i, p, e in rows if i not in seen]


def _asked_about(session: Session, expert_id: int) -> list[str]:
    return list(
        session.execute(
            select(Application.public_id)
            .join(PanelDossier, PanelDossier.application_id == Application.id)
            .join(Seat, Seat.panel_id == PanelDossier.panel_id)
            .where(Seat.expert_id == expert_id, Seat.status == "invited")
        ).scalars()
    )


def _truth(stage: Stage, application_id: str) -> float:
    return true_total(stage.dossiers[application_id]["quality"])


def _entries(
    stage: Stage, application_id: str, marks: Mapping[str, int], gates: Mapping[str, bool], rubric: Rubric, rng: Random
) -> dict[str, Entry]:
    """Each criterion leans as the dossier's quality does; extreme marks carry the comment the rubric asks for."""
    d, topic = stage.dossiers[application_id], stage.topic(application_id)
    mean = sum(d["quality"].values()) / len(d["quality"])
    entries: dict[str, Entry] = {}
    for criterion in rubric.criteria:
        lean = round(d["quality"][criterion.code] - mean)
        for item in criterion.items:
            step = min(5, max(1, int(marks[item.code]) + lean))
            wanted = rubric.comment_required(step) or rng.random() < 0.25
            text = comment(criterion.code, step, d["language"], topic, rng) if wanted else ""
            entries[item.code] = Entry(step, text)
    for code, passed in gates.items():
        entries[code] = Entry(1 if passed else 0, "" if passed else str(variants("deviation", "explanation")[0].ko))
    return entries


def _opinion(stage: Stage, application_id: str, entries: Mapping[str, Entry], rng: Random) -> str:
    """What the panellist tells the applicant: the strongest and the weakest point so far."""
    steps = {code: entry.step for code, entry in entries.items() if entry.step is not None and "." in code}
    if not steps:
        return ""
    topic, language = stage.topic(application_id), stage.dossiers[application_id]["language"]
    chosen = dict.fromkeys((max(steps, key=lambda c: steps[c]), min(steps, key=lambda c: steps[c])))
    return " ".join(comment(code.split(".")[0], steps[code], language, topic, rng) for code in chosen)


def _duties(session: Session, application: Application) -> dict[str, int]:
    panel = rounds.panel_of(session, application)
    assert panel is not None
    held = duties.of(session, panel, application)
    return {held[seat.id]: seat.expert_id for seat in panel.seats if seat.id in held}


def _present(session: Session, application: Application) -> list[int]:
    panel = rounds.panel_of(session, application)
    return [seat.expert_id for seat in duties.attending(session, panel, application)] if panel else []
