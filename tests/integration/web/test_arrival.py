"""A request arrives when its first bytes come, not when a thread is free for it: a real web server with one thread."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from app import arrivals
from tests.drills.conftest import Program, free_port, wait_until

SERVING = 0.5


def slow(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An application that says how long its request had waited, and takes half a second."""
    waited = time.monotonic() - arrivals.take()
    time.sleep(SERVING)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{waited:.3f}".encode()]


def test_what_stood_in_line_is_judged_by_when_it_came(tmp_path: Path) -> None:
    port = free_port()
    server = Program(
        tmp_path, "gunicorn", "tests.integration.web.test_arrival:slow", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "app.server.Worker", "--threads", "1", starts=[sys.executable, "-m"],
    )  # fmt: skip

    def waited(_: int = 0) -> float:
        line = HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("GET", "/")
        return float(line.getresponse().read())

    def answers() -> bool:
        try:
            return waited() >= 0
        except OSError:
            return False

    try:
        wait_until(answers, "the web server")
        with ThreadPoolExecutor(3) as pool:
            waits = sorted(pool.map(waited, range(3)))
    finally:
        server.end()
    assert waits[0] < SERVING
    assert waits[1] > 0.5 * SERVING and waits[2] > 1.5 * SERVING


def test_without_such_a_server_a_request_arrives_when_it_is_begun() -> None:
    assert abs(arrivals.take() - time.monotonic()) < 1
    arrivals.note(5.0)
    assert arrivals.take() == 5.0
    assert abs(arrivals.take() - time.monotonic()) < 1
