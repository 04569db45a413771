"""`ppir verify`: recomputes what the platform claims, the chain of the journal or a file that somebody was given."""

from __future__ import annotations

import argparse
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from app import journal
from app.commands.terminal import answer, open_database
from app.documents import bundle
from app.queries import calibration_runs, draws, lotteries, receipts
from app.workflow.actors import OPERATOR
from config import Config
from reviewers import verify_draw
from scoring import lottery as drawing


def add(commands: Any) -> None:
    parser = commands.add_parser("verify", help="recompute what the platform claims")
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    kinds.add_parser("journal", help="every record's hash, from the first").set_defaults(run=_journal)
    receipt = kinds.add_parser("receipt", help="whether a bundle or printed receipt is the one that was given out")
    receipt.add_argument("file", type=Path)
    receipt.set_defaults(run=_receipt)
    drawn = kinds.add_parser("draw", help="whether a draw of panels repeats: by its id, or from its published file alone")
    drawn.add_argument("which", metavar="ID|FILE")
    drawn.add_argument("--published", metavar="SHA256", help="digest of the list as it was published before the draw")
    drawn.add_argument("--outcome", metavar="SHA256", help="digest of seats and reasons as it was published with the seed")
    drawn.add_argument("--log", metavar="SHA256", help="digest of the log of contacts as it was told")
    drawn.set_defaults(run=_draw)
    run = kinds.add_parser("run", help="a calibration run, computed again from what it kept")
    run.add_argument("id", help="as the page of a result names it")
    run.set_defaults(run=_run)
    drawn = kinds.add_parser("lottery", help="a borderline lottery, drawn again: by its id, or from its record (JSON) alone")
    drawn.add_argument("which", metavar="ID|FILE")
    drawn.set_defaults(run=_lottery)


def _journal(_args: argparse.Namespace, config: Config) -> int:
    with open_database(config).read() as session:
        verdict = journal.verify(session)
    answer({"entries": verdict.entries, "head": verdict.head, "first_bad": verdict.first_bad, "holds": verdict.first_bad is None})
    return 0 if verdict.first_bad is None else 1


def _run(args: argparse.Namespace, config: Config) -> int:
    """Another version of numpy or scipy is told, but only what came out differently breaks a run."""
    with open_database(config).read() as session:
        found = calibration_runs.recompute(session, args.id, actor=OPERATOR)
    told = {"run": found.run, "number": found.number, "computed_at": found.at.isoformat(), "computed_with": found.computed_with}
    software = {name: {"then": then, "now": now} for name, (then, now) in found.software.items()}
    answer(told | {"holds": found.holds, "changed": list(found.changed), "software": software})
    return 0 if found.holds else 1


def _lottery(args: argparse.Namespace, config: Config) -> int:
    """With an id also against the journal, which noted list and commitments before any secret was told."""
    path = Path(args.which)
    if path.is_file():
        record = lotteries.from_protocol(json.loads(path.read_text(encoding="utf-8")))
        told: dict[str, Any] = {"lottery": record.identity, "order": list(record.order)}
        faults = drawing.faults(record)
    else:
        with open_database(config).read() as session:
            found = lotteries.replay(session, args.which, actor=OPERATOR)
        told, faults = {"lottery": found.lottery, "order": list(found.order)}, found.faults
    answer(told | {"holds": not faults, "faults": list(faults)})
    return 1 if faults else 0


def _receipt(args: argparse.Namespace, config: Config) -> int:
    """A file nobody was given holds nothing; of a bundle it says which members differ from its own manifest."""
    with args.file.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with open_database(config).read() as session:
            found = receipts.of_digest(session, sha256, actor=OPERATOR)
        if found is None:
            answer({"sha256": sha256, "holds": False, "differing": _differing(file)})
            return 1
    kind, filing = found
    at = filing.filed_at.isoformat()
    told = {"call": filing.call_code, "number": filing.number, "version": filing.version, "filed_at": at}
    answer({"sha256": sha256, "holds": True, "what": kind, **told})
    return 0


def _draw(args: argparse.Namespace, config: Config) -> int:
    """With an id also against the journal, which noted list and commitments before any secret was told."""
    path = Path(args.which)
    if path.suffix == ".zip" or path.is_file():
        wrong = verify_draw.problems(path, args.published, args.outcome, args.log)
    else:
        with open_database(config).read() as session:
            wrong = draws.problems(session, args.which, actor=OPERATOR)
    answer({"holds": not wrong, "problems": wrong})
    return 1 if wrong else 0


def _differing(file: Any) -> list[str] | None:
    """None where the file is no bundle at all."""
    try:
        return bundle.differing(file)
    except (zipfile.BadZipFile, KeyError, ValueError):
        return None
