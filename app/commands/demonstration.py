"""`ppir demo`: makes the demonstration in an empty database, once, and says how to walk through it."""

from __future__ import annotations

import argparse
import time
from typing import Any

from app import schema
from app.commands.terminal import Meter, open_database, say
from app.demo import make
from config import Config

PARTS = ("experts", "dossiers", "eligibility", "panels", "answers", "sheets", "deliberation", "letters")


def add(commands: Any) -> None:
    parser = commands.add_parser("demo", help="make a fictitious call in an empty database; run again, it changes nothing")
    parser.add_argument("--experts", type=int, default=make.EXPERTS)
    parser.add_argument("--dossiers", type=int, default=make.DOSSIERS)
    parser.set_defaults(run=_demo)


def _demo(args: argparse.Namespace, config: Config) -> int:
    if args.dossiers < make.FEWEST:
        say(f"--dossiers {args.dossiers} is too few for every part of the story. Ask for {make.FEWEST} or more.")
        return 2
    database = open_database(config)
    state = make.exists(database)
    if state is False:
        say("This database holds data already and is not a demonstration. Choose another folder with PPIR_DATA_DIR.")
        return 1
    if state is None:
        if make.begun(database):
            say("An earlier start was cut short; the demonstration is made again from the beginning.")
            schema.migrate(database, lock_file=config.data_dir / "migrate.lock", target="base")
            schema.migrate(database, lock_file=config.data_dir / "migrate.lock")
        began = time.monotonic()
        meters = {part: Meter(f"making the demonstration: {part}") for part in PARTS}
        make.make(
            config, database, lambda part, done, total: meters[part](done, total), n_experts=args.experts, n_dossiers=args.dossiers
        )
        for meter in meters.values():
            meter.close()
        say(f"The demonstration is made ({time.monotonic() - began:.0f} s). Everything in it is invented.")
    say(f"\nSign in at {config.base_url}/account/sign-in with the password {make.password()} as")
    for mail, roles, does in make.accounts():
        say(f"  {mail:<28} {roles:<24} {does}")
    say("")
    return 0
