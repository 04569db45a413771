"""The demonstration, made from a fixed seed by the same verbs that people use, from a first filing to a measured pilot.

Everything before today is done here; the matching of the dossiers still waiting is promised and runs in the background,
with the language models, as soon as `ppir up` has started.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sqlalchemy import select

from app import clock, outbox
from app.db import Database
from app.demo import cast, decided, earlier, filed, people, reviewed
from app.demo.stage import MAIN, Stage
from app.files import Files
from app.jobs import tasks
from app.models.experts import Expert
from app.models.people import Account
from app.models.process import Setting
from app.stages import matching
from config import Config

Tell = Callable[[str, int, int], None]
EXPERTS, DOSSIERS = 3000, 120
FEWEST = 24  # dossiers: with fewer, some end of the story has none
DONE, AT_WORK, ASKED = 46, 12, 6  # dossiers whose panels have finished, are scoring, are being asked; the rest wait for matching
WAIT = ("applicant_conflict", "thin_field", "requested_exclusion")  # troubles to be met when the waiting dossiers are matched
MUST_BE_DONE = (
    "borderline",
    "failed_cut_line",
    "split_opinion",
    "deferred",
    "fitness_returned",
    "notice_objection",
    "objection_upheld",
)


def exists(database: Database) -> bool | None:
    """True: a finished demonstration; None: an empty database, or one cut short; False: somebody's data."""
    with database.read() as session:
        made = session.execute(select(Setting.value).where(Setting.name == "demo_made")).scalar_one_or_none()
        used = session.execute(select(Account.id).limit(1)).first() or session.execute(select(Expert.id).limit(1)).first()
    return True if made else None if used is None or begun(database) else False


def begun(database: Database) -> bool:
    with database.read() as session:
        return session.execute(select(Setting.value).where(Setting.name == "demo")).scalar_one_or_none() == "yes"


def make(config: Config, database: Database, tell: Tell, *, n_experts: int = EXPERTS, n_dossiers: int = DOSSIERS) -> None:
    stage = Stage(database, Files(config.files_dir), config.base_url, clock.now(), tell)
    invented = earlier.without(filed.people_and_pool(stage, n_experts, n_dossiers))
    held = earlier.call_of_three_years_ago(stage, n_experts)
    earlier.add_a_model(stage, held[0])
    filed.open_calls(stage)
    checked = filed.check_eligibility(stage, filed.file_dossiers(stage, invented))
    done, at_work, asked, waiting = _lots(stage, checked)
    finished = _finished_panels(stage, done)
    _panels_at_work(stage, at_work)
    _panels_being_asked(stage, asked)
    decided.publish_notice(stage, finished.get("notice_now", []), 5)
    filed.admit(stage, waiting, 1)
    earlier.ask_for_extensions(stage, held)
    _settle_what_is_owed(config, database, tell)
    with database.write() as session:
        filed.write_again(session, stage)
        filed.suggest(session, stage)  # for the drafts, before the models are busy with the run
        matching.order(session, stage.call_ids[MAIN], actor=stage.staff("coordinator"), now=clock.now(session), seed="demo-today")
        session.add(Setting(name="demo_made", value=stage.now.isoformat()))


def accounts() -> list[tuple[str, str, str]]:
    """(sign-in name, roles, what to try with it), as the demonstration prints them."""
    return [(one.mail, ", ".join(role.name for role in one.roles), str(one.does.en)) for one in people.accounts()]


def password() -> str:
    return cast.PASSWORD


def _lots(stage: Stage, checked: list[str]) -> tuple[list[str], list[str], list[str], list[str]]:
    """Which dossiers get how far; the designed troubles are put where they show."""
    first = [a for a in checked if stage.trouble(a) in MUST_BE_DONE]
    last = [a for a in checked if stage.trouble(a) in WAIT]
    others = [a for a in checked if a not in first and a not in last]
    Random("lots").shuffle(others)
    share = len(checked) / 90  # a smaller demonstration keeps its proportions
    n_done, n_work, n_asked = (max(1, round(n * share)) for n in (DONE, AT_WORK, ASKED))
    line = first + others
    return (
        line[:n_done],
        line[n_done : n_done + n_work],
        line[n_done + n_work : n_done + n_work + n_asked],
        line[n_done + n_work + n_asked :] + last,
    )


def _finished_panels(stage: Stage, done: list[str]) -> dict[str, list[str]]:
    """One lot from admission to designation and pilot."""
    filed.admit(stage, done, 95)
    reviewed.match_and_deploy(stage, 94)
    reviewed.invite(stage, 93)
    reviewed.answer(stage, 92)
    reviewed.start_full_panels(stage, 91)
    reviewed.start_short_panels(stage, 90)
    reviewed.score(stage, 85)
    reviewed.calibrate(stage, 83)
    ended = reviewed.deliberate(stage, done[:-3], 80)
    reviewed.deliberate(stage, done[-3:], 6, conclude=False)
    good = sorted(ended["recommended"], key=lambda a: (stage.trouble(a) is None, a))
    bad = sorted(ended["not_recommended"], key=lambda a: (stage.trouble(a) != "objection_upheld", a))
    parts = _parts(stage, good)
    decided.to_fitness(stage, [a for name, part in parts.items() if name != "recommended" for a in part], 78)
    decided.pass_fitness(stage, parts["committee"] + parts["deferred"] + parts["rejected"] + parts["waiting"], 74)
    decided.return_for_answer(stage, parts["returned"], 4)
    decided.pass_fitness(stage, parts["notice_now"], 8)
    objected = next((a for a in parts["committee"] if stage.trouble(a) == "notice_objection"), parts["committee"][0])
    decided.publish_notice(
        stage, parts["committee"] + parts["deferred"] + parts["rejected"] + parts["waiting"], 72, objected=objected
    )
    outcomes = dict.fromkeys(parts["committee"], "designated") | dict.fromkeys(parts["deferred"], "deferred")
    decided.committee(stage, outcomes | dict.fromkeys(parts["rejected"], "rejected"), parts["waiting"], 52)
    decided.publish_list(stage, 50)
    told = bad[: max(1, len(bad) - 3)]
    decided.refuse(stage, bad[len(told) :][:1], 3, confirm=False)
    _objections(stage, told)
    decided.pilots(stage, 40)
    return parts


def _objections(stage: Stage, refused: list[str]) -> None:
    """The company that is right is on its way to other people: its re-review is ordered, and the round for it is open."""
    decided.refuse(stage, refused[1:], 70)
    decided.refuse(stage, refused[:1], 25)
    for application_id in refused[:1]:
        decided.object_to_result(stage, application_id, 12, answered=True)
    for application_id in refused[1:2]:
        decided.object_to_result(stage, application_id, 45, answered=False)


def _parts(stage: Stage, good: list[str]) -> dict[str, list[str]]:
    """The recommended ones over the steps that follow; designed troubles first where they belong."""
    rest = [a for a in good if stage.trouble(a) not in ("deferred", "fitness_returned")]
    returned = [a for a in good if stage.trouble(a) == "fitness_returned"] or rest[-1:]
    deferred = [a for a in good if stage.trouble(a) == "deferred"] or rest[-2:-1]
    rest = [a for a in rest if a not in returned and a not in deferred]
    n = len(rest)
    cuts = {"rejected": 1, "waiting": 2, "fitness": 2, "notice_now": 2, "recommended": 1}
    if n < 14:  # few were recommended: one each, and everything else is designated
        cuts = dict.fromkeys(cuts, 1 if n > 6 else 0)
    parts = {"returned": returned, "deferred": deferred}
    for name, k in cuts.items():
        parts[name], rest = (rest[-k:], rest[:-k]) if k else ([], rest)
    return parts | {"committee": rest}


def _panels_at_work(stage: Stage, at_work: list[str]) -> None:
    filed.admit(stage, at_work, 20)
    reviewed.match_and_deploy(stage, 19)
    with stage.database.write() as session:
        cast.seat_panellists(session, stage.cast, ("panellist", "panellist3"), reviewed.busiest(stage))
    reviewed.invite(stage, 12)
    reviewed.answer(stage, 10)
    reviewed.start_full_panels(stage, 6)
    reviewed.score(stage, 4, share=0.45)


def _panels_being_asked(stage: Stage, asked: list[str]) -> None:
    filed.admit(stage, asked, 4)
    reviewed.match_and_deploy(stage, 3)
    new = reviewed.newly_drawn(stage)[:1]
    with stage.database.write() as session:
        cast.seat_panellists(session, stage.cast, ("panellist2",), new)
    reviewed.invite(stage, 2)
    reviewed.answer(stage, 1, leave_every=2, leave=new)


def _settle_what_is_owed(config: Config, database: Database, tell: Tell) -> None:
    """The letters and jobs of the past months, done now instead of by hundreds when the workers start."""
    done = 0
    while owed := _owed(database):
        for promise_id in owed:
            tell("letters", done, done + len(owed))
            tasks.carry_out(config, database, promise_id)
            done += 1


def _owed(database: Database) -> list[int]:
    """What is due now; letters promised by letters come in the next round. Matching is left to the workers."""
    with database.read() as session:
        return [p.id for p in outbox.due(session, clock.now(session), limit=100_000) if p.queue != "ml"]
