"""Every route says who may open it, and only the application itself opens a writing transaction for a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WRITES = re.compile(r"\.(commit|writer|write|begin)\(")
MAY_WRITE = {"app/web/login.py"}  # remembers when a person was last seen, in a transaction of its own
MAY_ASK = {"app/web/access.py"}  # hands each request its session


def test_every_route_names_its_roles(app: Any) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert endpoints
    assert {name for name in endpoints if not getattr(app.view_functions[name], "ppir_roles", None)} == set()


def test_no_view_takes_a_session_of_its_own() -> None:
    """GET gets a session that cannot write, everything else one that the application commits: app/web/access.py."""
    views = sorted((ROOT / "app" / "web").rglob("*.py"))
    assert views
    writers = {str(path.relative_to(ROOT)) for path in views if WRITES.search(path.read_text(encoding="utf-8"))}
    assert writers <= MAY_WRITE | MAY_ASK
