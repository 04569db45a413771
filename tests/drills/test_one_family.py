"""`ppir up` lives and ends as one family, whoever is killed."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.processes import Child, socket_folder
from tests.drills.conftest import PATIENCE, ROOT, Installation, Program, alive, command_of, family, kept, owe_a_letter, wait_until

pytestmark = pytest.mark.drill

PROGRAMS = ("valkey-server", "worker default", "worker mail", "worker ml", "app.jobs.relay", "gunicorn")


def test_one_family_heals_refuses_a_twin_and_ends_whole(installation: Installation) -> None:
    """One start for all of it: a family is started seldom and lives long."""
    program = installation.up()
    program.says("ready")
    children = family(program.process.pid)
    commands = " | ".join(command_of(pid) for pid in children)
    assert all(text in commands for text in PROGRAMS), commands

    replaced_worker(installation, program)
    returned_valkey(installation, program)

    twin = installation.up()
    assert twin.process.wait(PATIENCE) == 1
    assert f"already running on {installation.data_dir} as process {program.process.pid}" in twin.said
    assert installation.answers()

    children = family(program.process.pid)
    assert len(children) >= len(PROGRAMS)
    assert program.end(signal.SIGTERM) == 0
    assert [command_of(pid) for pid in children if alive(pid)] == []
    assert "Traceback" not in program.said


def replaced_worker(installation: Installation, program: Program) -> None:
    old = installation.child("worker mail")
    os.kill(old, signal.SIGKILL)
    program.says("worker-mail ended with status -9")
    wait_until(lambda: installation.child("worker mail") != old, "another worker")
    promise_id = owe_a_letter(installation.database_url, "for the new worker")
    wait_until(lambda: kept(installation.database_url, promise_id), "the new worker's first letter")


def returned_valkey(installation: Installation, program: Program) -> None:
    """What was promised while it was away is kept, once."""
    os.kill(installation.child("valkey-server"), signal.SIGKILL)
    promise_id = owe_a_letter(installation.database_url, "without a queue")
    assert installation.answers()
    program.says("valkey ended with status -9")
    wait_until(lambda: kept(installation.database_url, promise_id), "the promise kept after the return of Valkey")
    assert len(list((installation.data_dir / "mail").glob("*.eml"))) == 2  # this letter, and the new worker's first


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_works(installation: Installation) -> None:
    first = installation.up()
    first.says("ready")
    children = family(first.process.pid)
    assert len(children) >= len(PROGRAMS)

    first.kill()
    second = installation.up()  # at once: it waits for the last of the old family
    wait_until(lambda: not any(map(alive, children)), "the killed supervisor's children to end")
    second.says("ready")
    assert installation.answers()

    promise_id = owe_a_letter(installation.database_url, "after the kill")
    wait_until(lambda: kept(installation.database_url, promise_id), "a promise kept after the second start")
    children = family(second.process.pid)
    assert second.end(signal.SIGINT) == 0
    assert [command_of(pid) for pid in children if alive(pid)] == []


def test_a_taken_port_is_told_before_anything_starts(installation: Installation) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", installation.port))
        holder.listen()
        program = installation.up()
        assert program.process.wait(PATIENCE) == 1
    assert f"cannot listen on 127.0.0.1:{installation.port}" in program.said
    assert "PPIR_PORT" in program.said


def test_a_deep_data_folder_still_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    assert len(os.fsencode(socket_folder(deep) / "valkey.sock")) < 108
    assert socket_folder(deep) == socket_folder(deep)
    assert socket_folder(deep) != socket_folder(tmp_path)
    assert stat.S_IMODE(socket_folder(deep).stat().st_mode) == 0o700


def test_a_child_that_keeps_dying_is_given_up_after_five_deaths_in_a_minute() -> None:
    child = Child("web", ["false"], last_wish="TERM")
    assert [child.died(now) for now in (0.0, 2.0, 5.0, 10.0)] == [1.0, 2.0, 4.0, 8.0]
    assert child.died(20.0) is None


def test_old_deaths_are_forgiven() -> None:
    child = Child("web", ["false"], last_wish="TERM")
    assert [child.died(now) for now in (0.0, 70.0, 140.0, 210.0, 280.0, 350.0)] == [1.0] * 6


def test_without_setpriv_a_guard_ends_the_child_of_a_killed_parent(tmp_path: Path) -> None:
    """The way of systems whose kernel cannot do it."""
    note = tmp_path / "pids"
    parent = (
        "import os, subprocess, sys, time\n"
        "child = [sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(600)']\n"
        "guard = [sys.executable, '-m', 'app.processes', str(os.getpid()), 'KILL', *child]\n"
        f"subprocess.Popen(guard, stdout=open({str(note)!r}, 'w'))\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT)
    try:
        wait_until(lambda: note.exists() and note.read_text().strip(), "the guarded child")
        guarded = int(note.read_text())
        assert alive(guarded)
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not alive(guarded), "the end of the guarded child")
