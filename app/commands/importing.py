"""`ppir import experts FILE` and `ppir import dossiers FILE --call CODE`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app import clock
from app.commands.terminal import Meter, answer, open_database, say
from app.errors import NotFound
from app.models.process import ImportRun
from app.stages import calls, imports
from app.web.errors import words
from app.workflow.actors import OPERATOR
from config import Config

SHOWN_MOST = 50


def add(commands: Any) -> None:
    parser = commands.add_parser("import", help="read experts or dossiers from a JSON lines or CSV file (docs/import.md)")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, help_text in (("experts", "the pool"), ("dossiers", "applications of a call, filed as eligible")):
        one = kinds.add_parser(kind, help=help_text)
        one.add_argument("file", type=Path)
        if kind == "dossiers":
            one.add_argument("--call", required=True, metavar="CODE")
        one.add_argument("--partial", action="store_true", help="store the good rows although others are bad")
        one.set_defaults(run=_import, call=None) if kind == "experts" else one.set_defaults(run=_import)


def _import(args: argparse.Namespace, config: Config) -> int:
    path: Path = args.file
    if not path.is_file():
        raise NotFound("import.no_such_file", path=str(path))
    database = open_database(config)
    call_id = None
    if args.call:
        with database.read() as session:
            call_id = calls.named(session, args.call).public_id
    meter = Meter("rows read")
    reading = imports.read(path, path.name, args.kind, tell=meter)
    meter.close()
    digest = imports.file_digest(path)
    with database.write() as session:
        now = clock.now(session)
        run = imports.begin(
            session,
            kind=args.kind,
            name=path.name,
            sha256=digest,
            actor=OPERATOR,
            now=now,
            partial=args.partial,
            call_id=call_id,
        )
        imports.store(session, run.public_id, reading, actor=OPERATOR, now=now)
        summary = _summary(run)
        _tell_problems(run)
    answer(summary)
    return 1 if summary["status"] == "refused" else 0


def _tell_problems(run: ImportRun) -> None:
    for problem in run.problems[:SHOWN_MOST]:
        code, data = problem["code"], problem["data"]
        place = f"line {problem['line']}" if problem["line"] else "file"
        field = f", {problem['field']}" if problem["field"] else ""
        say(f"{place}{field}: {words(code, data)} {words(code + '.remedy', data)}")
    if len(run.problems) > SHOWN_MOST:
        say(f"… {len(run.problems) - SHOWN_MOST} more; the import's page lists them")
    if run.ignored:
        say(f"columns left aside: {', '.join(run.ignored)}")
    if run.status == "refused":
        say(words("import.refused", {"bad": len(run.problems)}))


def _summary(run: ImportRun) -> dict[str, Any]:
    return {
        "import": run.public_id,
        "kind": run.kind,
        "file": run.name,
        "sha256": run.sha256,
        "status": run.status,
        "created": run.created_n,
        "changed": run.changed_n,
        "unchanged": run.unchanged_n,
        "bad": run.bad_n,
        "problems": run.problems[:SHOWN_MOST],
    }
