"""`ppir match --call CODE --out run.json`: one matching run in this process, stored before the command ends well."""

from __future__ import annotations

import argparse
import json
import resource
import time
import traceback
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import clock
from app.commands.terminal import Meter, answer, open_database, say
from app.db import Database
from app.errors import LostLease
from app.jobs import tasks
from app.models.matching import MatchRun
from app.queries import matching as runs
from app.stages import calls, matching
from app.workflow.actors import OPERATOR
from config import Config

LOOK_AGAIN_SECONDS = 2
SUMMED_UP = ("panels", "seats", "empty", "lowest", "mean", "total", "gap", "loads", "blocked", "seconds", "cpu_seconds", "peak_mb")


def add(commands: Any) -> None:
    parser = commands.add_parser("match", help="match the ready dossiers of a call to the pool, here and now")
    parser.add_argument("--call", required=True, metavar="CODE")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the run as JSON")
    parser.add_argument("--round", type=int, metavar="N", help="the round; without it the first that has something to do")
    parser.add_argument("--seed", help="any text; the same seed and input give the same panels")
    parser.add_argument("--refit", action="store_true", help="measure the pool anew instead of like the call's last run")
    parser.set_defaults(run=_match)


def _match(args: argparse.Namespace, config: Config) -> int:
    began = time.monotonic()
    database = open_database(config)
    with database.write() as session:
        call = calls.named(session, args.call)
        run = matching.take_up(
            session,
            call.public_id,
            actor=OPERATOR,
            now=clock.now(session),
            seed=args.seed,
            round_number=args.round,
            refit=args.refit,
        )
        run_id, promise_id = run.public_id, run.promise_id
        again = ", taken up again" if run.status == "running" else ""
        say(f"run {run.number} of {call.code}, round {run.round.number}, seed {run.seed}{again}")
    assert promise_id is not None
    _compute(config, database, run_id, promise_id)
    with database.read() as session:
        stored = session.execute(select(MatchRun).where(MatchRun.public_id == run_id)).scalar_one()
        if stored.status not in ("done", "deployed"):
            say(f"the run is {stored.status}: {stored.summary.get('error', '')}")
            return 1
        if args.out:
            _write(args.out, runs.run_file(session, run_id, actor=OPERATOR))
        summary = {name: stored.summary.get(name) for name in SUMMED_UP}
        answer(
            {
                "call": args.call,
                "round": stored.round.number,
                "run": run_id,
                "digest": stored.inputs_digest,
                "seed": stored.seed,
                **summary,
                "out": str(args.out) if args.out else None,
            }
        )
    _tell_cost(began)
    return 0


def _compute(config: Config, database: Database, run_id: str, promise_id: int) -> None:
    """Keep the promise here; when another process holds it, or held it when it was killed, wait until it is free or kept."""
    meter, waited = Meter("matching:"), False
    while _is_open(database, run_id):
        try:
            if tasks.carry_out(config, database, promise_id, tell=meter):
                break
        except LostLease:
            pass
        except Exception as error:
            meter.close()
            say(traceback.format_exc())
            with database.write() as session:
                matching.give_up(session, run_id, actor=OPERATOR, now=clock.now(session), error=f"{type(error).__name__}: {error}")
            break
        if not waited:
            say("another process holds this run; waiting until it is stored, or free again (a minute after a kill)")
            waited = True
        time.sleep(LOOK_AGAIN_SECONDS)
    meter.close()


def _is_open(database: Database, run_id: str) -> bool:
    with database.read() as session:
        return matching.find(session, run_id).status in ("queued", "running")


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def _tell_cost(began: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    say(f"wall {wall:.1f} s, CPU {cpu:.1f} s, peak memory {used.ru_maxrss / 1024:.0f} MB")
