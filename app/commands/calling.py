"""`ppir call create CODE`: a call with plain rules, for input that was collected elsewhere."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from app import clock
from app.commands.terminal import answer, open_database
from app.stages import calls
from app.workflow.actors import OPERATOR
from config import Config


def add(commands: Any) -> None:
    parser = commands.add_parser("call", help="make a call")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="no quotas, one expert per organisation; other rules on its page")
    create.add_argument("code")
    create.add_argument("--seats", type=int, default=5, help="experts for each dossier")
    create.add_argument("--max-load", type=int, default=3, help="dossiers for each expert")
    create.add_argument("--title", default="", help="default: the code")
    create.add_argument("--title-ko", default="", help="default: the title")
    create.set_defaults(run=_create)


def _create(args: argparse.Namespace, config: Config) -> int:
    title = args.title or args.code
    with open_database(config).write() as session:
        now = clock.now(session)
        call = calls.create(
            session,
            code=args.code,
            title_en=title,
            title_ko=args.title_ko or title,
            rules=calls.plain_rules(seats=args.seats, load_max=args.max_load),
            opens_at=now - timedelta(days=1),
            closes_at=now - timedelta(seconds=1),  # over: its dossiers come by import
            actor=OPERATOR,
            now=now,
        )
        calls.collected(session, call, actor=OPERATOR, now=now)
        made = {
            "call": call.code,
            "id": call.public_id,
            "status": call.status,
            "seats": args.seats,
            "max_load": args.max_load,
            "rubric": call.rubric,
        }
    answer(made)
    return 0
