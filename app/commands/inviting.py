"""`ppir invite MAIL`: the first administrator of an installation, who invites everybody else on the pages."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.commands.terminal import answer, open_database
from app.stages import people
from app.workflow.actors import OPERATOR, ROLES
from config import LANGUAGES, Config


def add(commands: Any) -> None:
    parser = commands.add_parser("invite", help="an account and a letter with a link to set its password")
    parser.add_argument("mail", help="its address")
    parser.add_argument("--name", required=True)
    parser.add_argument("--role", choices=list(ROLES), default="administrator")
    parser.add_argument("--letters", choices=list(LANGUAGES), default="ko", help="language of its letters")
    parser.set_defaults(run=_invite)


def _invite(args: argparse.Namespace, config: Config) -> int:
    with open_database(config).write() as session:
        account = people.invite(
            session,
            name=args.name,
            mail_address=args.mail,
            role=args.role,
            actor=OPERATOR,
            now=clock.now(session),
            base_url=config.base_url,
            language=args.letters,
        )
        made = {"account": account.public_id, "mail": account.mail, "role": args.role, "status": account.status}
    answer(made)
    return 0
