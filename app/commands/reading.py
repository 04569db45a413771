"""`ppir read`: promise to read the documents that today's reader has not read; the workers do it."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.commands.terminal import answer, open_database
from app.stages import reading
from config import Config


def add(commands: Any) -> None:
    parser = commands.add_parser("read", help="promise to read every document that today's reader has not read")
    parser.set_defaults(run=_read)


def _read(_args: argparse.Namespace, config: Config) -> int:
    with open_database(config).write() as session:
        answer({"promised": reading.ask_all(session, now=clock.now(session))})
    return 0
