"""`ppir check-conflicts FILE --call CODE`: a list of names against the dossiers of a call, before anybody is contacted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app import clock, i18n
from app.commands.terminal import answer, open_database
from app.errors import Invalid
from app.stages import calls, conflict_check
from app.workflow import grounds
from app.workflow.actors import OPERATOR
from config import Config


def add(commands: Any) -> None:
    parser = commands.add_parser("check-conflicts", help="findings for each name of a list; nothing is stored but that it was made")
    parser.add_argument("file", type=Path, help="one person a line: name, organisation, ORCID or mail")
    parser.add_argument("--call", required=True, help="the call's code")
    parser.add_argument("--dossier", default="", help="only this one, as D-0001")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.set_defaults(run=_check)


def _check(args: argparse.Namespace, config: Config) -> int:
    """Exits 0 when every name is clear or only shown, 2 when somebody is barred, in question or not computable."""
    try:
        text = args.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("conflict_check.unreadable", path=str(args.file)) from error
    with open_database(config).write() as session:
        call = calls.named(session, args.call)
        found = conflict_check.check(session, call.public_id, text, dossier=args.dossier, actor=OPERATOR, now=clock.now(session))
    if args.json:
        answer({"call": args.call, "dossier": args.dossier, "names": [each.as_json() for each in found]})
    else:
        for each in found:
            print(f"{each.asked.line}\t{each.state}\t{each.asked.name}\t{each.asked.organisation}")
            for finding in each.findings:
                weight = "bars" if finding.bars else "ask" if finding.question else "shown"
                print(f"\t{weight}\t{finding.dossier or args.call}\t{i18n.pair(grounds.label(finding.ground))}")
    return 0 if all(each.state in ("clear", "shown") for each in found) else 2
