"""`ppir`: what an operator types. Each command opens the database, brings it to this release's schema and calls one verb.

Results go to standard output (commands that answer with JSON print one object), everything else to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import config as settings
from app import i18n, schema, supervise
from app.commands import calling, checking, demonstration, explaining, importing, inviting, matching, reading, screens, verifying
from app.commands.terminal import say
from app.db import Database
from app.errors import DomainError
from app.jobs import queue, relay, worker
from app.web.errors import words
from config import Config

Command = Callable[[argparse.Namespace, Config], int]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    args = parser.parse_args(arguments)
    i18n.use(args.language)
    try:
        run: Command = args.run
        return run(args, settings.read())
    except DomainError as error:
        say(words(error.code, error.data))
        for field, code in getattr(error, "problems", {}).items():
            say(f"  {field}: {words(code, error.data)}")
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ppir", description="Expert-panel precertification review, from call to pilot purchase.")
    parser.add_argument("--language", choices=sorted(settings.LANGUAGES), default="en", help="of messages")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="the whole installation on this machine: web, workers, relay, queue server")
    up.set_defaults(run=lambda args, config: supervise.up(config))

    work = commands.add_parser("worker", help="keep promises of one queue (production: one unit per queue)")
    work.add_argument("queue", choices=queue.QUEUES)
    work.set_defaults(run=lambda args, config: worker.work(config, args.queue))

    relaying = commands.add_parser("relay", help="ring for promises whose time has come (production: one unit)")
    relaying.set_defaults(run=lambda args, config: relay.run(config))

    inviting.add(commands)
    importing.add(commands)
    calling.add(commands)
    checking.add(commands)
    matching.add(commands)
    explaining.add(commands)
    reading.add(commands)
    demonstration.add(commands)
    screens.add(commands)

    migrate = commands.add_parser("migrate", help="bring the database to this release's schema")
    migrate.add_argument("--to", default="head", help="a revision, head or base")
    migrate.set_defaults(run=_migrate)
    verifying.add(commands)
    return parser


def _migrate(args: argparse.Namespace, config: Config) -> int:
    database = Database(config.database_url)
    schema.migrate(database, lock_file=config.data_dir / "migrate.lock", target=args.to)
    say(f"schema {schema.current(database)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
