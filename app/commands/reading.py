"""`ppir read`: promise what is still to be done for documents on record; the workers do it."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.commands.terminal import answer, open_database
from app.stages import reading, receipts
from config import Config


def add(commands: Any) -> None:
    parser = commands.add_parser("read", help="promise to read, scan and bundle what is on record and was not")
    parser.set_defaults(run=_read)


def _read(_args: argparse.Namespace, config: Config) -> int:
    with open_database(config).write() as session:
        now = clock.now(session)
        scans = reading.scan_all(session, now=now) if config.clamd else 0
        answer({"promised": reading.ask_all(session, now=now), "scans": scans, "bundles": receipts.owe_all(session, now=now)})
    return 0
