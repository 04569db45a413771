"""A parser that runs wild: its limits hold, it reaches nobody, it ends in time and with its worker, and the worker goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app.documents import reading

pytestmark = pytest.mark.drill


def confined(tmp_path: Path, body: str, *, wall: float = 30.0) -> dict[str, Any]:
    """What the parent makes of a child that first gives up what the real one does, then runs this."""
    source = (
        "import json, os, sys\nfrom app.documents import child\n"
        "alone = child.confine(int(sys.argv[1]))\n"
        f"{body}\nsys.stdout.write(json.dumps(told))\n"
    )
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with path.open("rb") as file:
        return reading.ask([sys.executable, "-I", "-c", source, str(os.getpid())], file, wall)


def test_memory_files_and_processes_are_withheld(tmp_path: Path) -> None:
    told = confined(
        tmp_path,
        f"""
told = {{}}
try:
    held = bytearray(600 << 20)
except MemoryError:
    told["memory"] = "withheld"
try:
    with open({str(tmp_path / "written")!r}, "wb") as out:
        out.write(b"x" * 10)
except OSError:
    told["write"] = "withheld"
try:
    open_ = [os.open("/dev/null", os.O_RDONLY) for _ in range(64)]
except OSError:
    told["files"] = "withheld"
""",
    )
    assert told.get("memory") == "withheld"
    assert told.get("files") == "withheld"
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


def test_the_network_is_gone_where_the_machine_allows_it(tmp_path: Path) -> None:
    told = confined(
        tmp_path,
        """
import socket
told = {"alone": alone}
try:
    socket.create_connection(("127.0.0.1", 9), 2)
except OSError as error:
    told["error"] = error.errno
""",
    )
    if not told["alone"]:
        pytest.skip("this machine allows no namespaces")
    assert told["error"] == 101  # network is unreachable: not even this machine itself


def test_time_ends_a_reader_that_does_not_end(tmp_path: Path) -> None:
    started = time.monotonic()
    assert confined(tmp_path, "while True: pass", wall=1.5) == {"refused": "too_slow"}
    assert time.monotonic() - started < 6


def test_a_reader_that_falls_over_or_talks_without_end_is_a_verdict(tmp_path: Path) -> None:
    assert confined(tmp_path, "os.kill(os.getpid(), 11)") == {"refused": "unreadable"}
    started = time.monotonic()
    assert confined(tmp_path, "told = 'x' * 20_000_000") == {"refused": "too_large"}
    assert time.monotonic() - started < 6  # it is ended as soon as it has said too much


def test_a_reader_dies_with_whoever_asked(tmp_path: Path) -> None:
    """The worker is killed hard: nobody is left to end its child, and none is left over."""
    told = tmp_path / "pid"
    child = (
        "import os, sys, time; from app.documents import child; print(os.getpid(), flush=True); "
        "child.confine(int(sys.argv[1])); time.sleep(60)"
    )
    worker = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-I', '-c', {child!r}, str(os.getpid())], stdout=open({str(told)!r}, 'w'))\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", worker])
    try:
        wait_for(lambda: told.exists() and told.read_text().strip())
        pid = int(told.read_text())
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda: not alive(pid))
    finally:
        process.kill()
        process.wait()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def wait_for(holds: Any, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
