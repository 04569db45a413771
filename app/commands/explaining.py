"""`ppir explain`: who did and decided what about one thing, when, under which rules, from which inputs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.commands.terminal import answer, open_database
from app.queries import journal
from app.workflow.actors import OPERATOR
from config import Config


def add(commands: Any) -> None:
    parser = commands.add_parser("explain", help="every event and decision about one application, seat, sheet, run, designation …")
    parser.add_argument("subject", help="the id in its address, or an application as CALL/D-0001")
    parser.set_defaults(run=_explain)


def _explain(args: argparse.Namespace, config: Config) -> int:
    with open_database(config).read() as session:
        answer(asdict(journal.story(session, OPERATOR, journal.subject_named(session, args.subject))))
    return 0
