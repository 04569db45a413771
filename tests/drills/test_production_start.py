"""The production form as docs/operations.md writes it: its units, settings, database and backup, run word for word."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from app.files import Files
from tests.drills.conftest import ROOT, Program, free_port, mail_server, wait_until
from tests.servers import PostgreSQL, Valkey, postgres_binary

pytestmark = pytest.mark.drill

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"(?ms)^```\w+\n# (\S+)\n(.*?)^```", PAGE))
BIN = Path(sys.executable).parent
PROGRAMS = (("web", ""), ("worker@", "default"), ("worker@", "mail"), ("worker@", "ml"), ("relay", ""))
PASSWORD = "a long walk along the river"


class Postbox:
    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.letters.append(envelope.content)
        return "250 taken"


class Visitor:
    """A browser behind the reverse proxy of the page: what the proxy passes on, and cookies."""

    def __init__(self, port: int, base_url: str) -> None:
        self.port, self.base_url, self.cookies = port, base_url, SimpleCookie()

    def open(self, path: str, form: Mapping[str, str] | None = None, host: str = "") -> tuple[int, str]:
        """Status and text; a form is sent with the token of the page that was opened before."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Host": host or str(urlsplit(self.base_url).hostname),
            "X-Forwarded-For": "203.0.113.7",
            "X-Forwarded-Proto": "https",
            "Referer": f"{self.base_url}{path}",
            "Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items()),
        }
        try:
            if form is None:
                line.request("GET", path, headers=headers)
            else:
                body = urlencode({"csrf_token": self.token, **form})
                line.request("POST", path, body, headers | {"Content-Type": "application/x-www-form-urlencoded"})
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.load(cookie)
        token = re.search(r'name="csrf_token" value="([^"]+)"', text)
        self.token = token[1] if token else ""
        return answer.status, text

    def answers(self, path: str) -> bool:
        try:
            return bool(self.open(path)[0])
        except (OSError, HTTPException):
            return False


@pytest.fixture
def postgres() -> Iterator[PostgreSQL]:
    server = PostgreSQL().start()
    yield server
    server.remove()


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box = Postbox()
    with mail_server(box) as url:
        yield box, url


@pytest.fixture
def settings(tmp_path: Path, postgres: PostgreSQL, server: Valkey, postbox: tuple[Postbox, str]) -> dict[str, str]:
    """The page's file of settings, with the servers of this test in the place of the page's."""
    written = dict(line.split("=", 1) for line in FILES["/etc/ppir.env"].splitlines() if not line.startswith("#"))
    ours = {
        "PPIR_DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": f"postgresql://ppir@/ppir?host={postgres.folder}",
        "REDIS_URL": server.url,
        "SECRET_KEY": "of this test only",
        "PPIR_SMTP_URL": postbox[1],
    }
    assert set(ours) <= set(written), "the page names every server"
    return written | ours


def make_database(postgres: PostgreSQL) -> None:
    statements = re.search(r"(?ms)^```sql\n(.*?)^```", PAGE)
    assert statements is not None
    with postgres.connect() as connection:
        for statement in statements[1].strip().split(";\n"):
            connection.execute(statement.rstrip(";"))  # type: ignore[call-overload]


def command(unit: str, instance: str = "", *, port: int = 0) -> list[str]:
    """What systemd would run, from this tree's own environment and on a free port."""
    line = re.search(r"(?m)^ExecStart=(.+)$", FILES[f"/etc/systemd/system/ppir-{unit}.service"])
    assert line is not None, unit
    told = line[1].replace("%i", instance).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    program, *arguments = shlex.split(told)
    assert program.startswith("/srv/ppir/.venv/bin/")
    return [str(BIN / Path(program).name), *arguments]


def start(folder: Path, words: list[str], settings: Mapping[str, str]) -> Program:
    return Program(folder, *words[1:], starts=words[:1], **settings)


def shell(block: str, folder: Path, settings: Mapping[str, str]) -> str:
    """A block of the page as an operator types it; what it prints."""
    path = os.pathsep.join([str(BIN), str(Path(postgres_binary("pg_dump")).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-e", "-c", block], cwd=folder, env={**settings, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_production_form_of_the_page_serves_keeps_promises_and_ends_cleanly(
    tmp_path: Path, postgres: PostgreSQL, settings: dict[str, str], postbox: tuple[Postbox, str]
) -> None:
    box, base_url = postbox[0], settings["PPIR_BASE_URL"]
    make_database(postgres)
    visitor = Visitor(free_port(), base_url)
    running = [start(tmp_path, command(unit, queue, port=visitor.port), settings) for unit, queue in PROGRAMS]
    try:
        wait_until(lambda: visitor.answers("/livez"), "the web server")
        assert visitor.open("/readyz")[0] == 503, "not before the schema is this release's"
        assert start(tmp_path, command("migrate"), settings).process.wait() == 0
        assert visitor.open("/readyz")[0] == 200
        status, text = visitor.open("/?lang=en")
        assert status == 200 and "Innovative product precertification" in text
        assert visitor.open("/", host="elsewhere.example.org")[0] == 400

        invite = re.search(r"/srv/ppir/.venv/bin/(ppir invite .+)", PAGE)
        assert invite is not None
        made = json.loads(shell(invite[1], ROOT, settings))
        wait_until(lambda: box.letters, "the first administrator's letter")
        letter = message_from_bytes(box.letters[0], policy=policy.default)
        assert (letter["To"], letter["From"]) == (made["mail"], settings["PPIR_MAIL_FROM"])
        link = re.search(rf"{re.escape(base_url)}(/account/link/\S+)", letter.get_content())
        assert link is not None
        visitor.open(link[1])
        assert visitor.open(link[1], {"password": PASSWORD, "again": PASSWORD})[0] == 303
        visitor.open("/account/sign-in")
        assert visitor.open("/account/sign-in", {"mail": made["mail"], "password": PASSWORD})[0] == 303
        assert all(cookie["secure"] for name, cookie in visitor.cookies.items() if name.startswith("__Host-"))
        assert visitor.open("/admin/people")[0] == 200

        verdict = json.loads(shell("ppir verify journal", ROOT, settings))
        assert verdict["holds"] and verdict["entries"] > 1
        restored_elsewhere(tmp_path, postgres, settings, verdict)
    finally:
        ended = {" ".join(words): program.end() for words, program in zip(PROGRAMS, running, strict=True)}
    assert set(ended.values()) == {0}, ended
    assert not [program.said for program in running if "Traceback" in program.said]


def restored_elsewhere(folder: Path, postgres: PostgreSQL, settings: Mapping[str, str], verdict: Mapping[str, Any]) -> None:
    """The page's backup, taken while everything runs, into another database and folder: the same chain, the same files."""
    kept = Files(Path(settings["PPIR_DATA_DIR"]) / "files").put(io.BytesIO(b"what an applicant filed"), limit=100)
    shell(FILES["backup"], folder, settings)
    with postgres.connect() as connection:
        connection.execute("CREATE DATABASE other OWNER ppir TEMPLATE template0")
    (folder / "other").mkdir()
    url = f"postgresql://ppir@/other?host={postgres.folder}"
    said = shell(FILES["restore"], folder, {**settings, "DATABASE_URL": url, "PPIR_DATA_DIR": str(folder / "other")})
    assert json.loads(said) == verdict
    assert Files(folder / "other" / "files").path(kept.sha256).read_bytes() == b"what an applicant filed"
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("DELETE FROM journal")


def test_the_page_names_every_setting_and_no_other() -> None:
    read = set(re.findall(r'source\.get\("([A-Z_]+)"', (ROOT / "config.py").read_text(encoding="utf-8")))
    table = PAGE[PAGE.index("## Settings") : PAGE.index("## One machine")]
    assert read == {name for row in re.findall(r"(?m)^\| (`[^|]+) \|", table) for name in re.findall(r"`([A-Z_]+)`", row)}
    assert set(re.findall(r"(?m)^([A-Z_]+)=", FILES["/etc/ppir.env"])) <= read
