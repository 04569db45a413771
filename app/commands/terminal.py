"""How a command speaks: one JSON object on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from app import schema
from app.db import Database
from config import Config


def open_database(config: Config) -> Database:
    """The database at this release's schema, made when it is not there yet."""
    database = Database(config.database_url)
    schema.migrate(database, lock_file=config.data_dir / "migrate.lock")
    return database


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def answer(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


class Meter:
    """Progress on standard error: rewritten in place for a person, a line now and then for a log."""

    def __init__(self, label: str) -> None:
        self.label, self.told_at, self.live = label, float("-inf"), sys.stderr.isatty()

    def __call__(self, done: int, total: int = 0, note: str = "") -> None:
        last = bool(total) and done >= total
        if not last and time.monotonic() - self.told_at < (0.2 if self.live else 10):
            return
        self.told_at = time.monotonic()
        text = f"{self.label} {note} {done}{f' / {total}' if total else ''}".replace("  ", " ")
        print(f"\r{text:<60}" if self.live else text, end="" if self.live else "\n", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.live and self.told_at > 0:
            print(file=sys.stderr)
