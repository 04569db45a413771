"""The web server is killed while a file arrives: after its restart the upload goes on, and what is stored equals what was sent."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import re
import signal
import socket
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.db import Database
from app.files import Files
from app.models.applications import DossierFile, Upload
from app.queries import people as reading
from app.stages import people, submission
from app.stages.submission import uploads
from tests import dossiers
from tests.drills.conftest import Installation, wait_until
from tests.people import account

pytestmark = pytest.mark.drill

SOURCE = dossiers.PDF + random.Random(4).randbytes(30 << 20)
PASSWORD = "a password for one drill"
JSON = {"Accept": "application/json"}


class Browser:
    """A signed-in person's requests, one connection each."""

    def __init__(self, installation: Installation) -> None:
        self.port = installation.port
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request(method, path, body, {"Cookie": cookie, **headers})
        answer = line.getresponse()
        for kept in answer.headers.get_all("Set-Cookie", []):
            name, _, value = kept.partition(";")[0].partition("=")
            self.cookies[name] = value
        told = answer.read().decode()
        line.close()
        return answer.status, told

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", page)[1])
        assert found
        return found[1]

    def sign_in(self, mail: str) -> None:
        form = {"csrf_token": self.token("/account/sign-in"), "mail": mail, "password": PASSWORD}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert self.ask("POST", "/account/sign-in", urlencode(form).encode(), **kind)[0] in (302, 303)

    def form(self, token: str, piece: bytes | None = None, **fields: str) -> tuple[bytes, dict[str, str]]:
        parts = [(f'name="{name}"', value.encode()) for name, value in {"csrf_token": token, **fields}.items()]
        parts += [('name="piece"; filename="blob"', piece)] if piece is not None else []
        body = b"".join(b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (n.encode(), v) for n, v in parts)
        return body + b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x", **JSON}

    def post(self, path: str, token: str, **fields: Any) -> Any:
        body, headers = self.form(token, **fields)
        status, told = self.ask("POST", path, body, **headers)
        assert status == 200, f"{path}: {status} {told[:500]}"
        return json.loads(told)

    def half(self, path: str, token: str, piece: bytes, **fields: str) -> socket.socket:
        """Send the first half of a piece and keep the line open."""
        body, headers = self.form(token, piece=piece, **fields)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = {"Host": "127.0.0.1", "Cookie": cookie, "Content-Length": str(len(body)), **headers}
        head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        line = socket.create_connection(("127.0.0.1", self.port))
        line.sendall(head.encode() + body[: len(body) // 2])
        return line


def draft_of_somebody(installation: Installation) -> tuple[str, str]:
    """An account's mail and the application it may write."""
    database, now = Database(installation.database_url), datetime.now(UTC)
    with database.write() as session:
        call = dossiers.open_call(session, now)
        row = account(session, now, "applicant")
        people.set_password(session, row, PASSWORD, now=now)
        application = submission.start(session, call.public_id, actor=reading.actor_of(session, row), now=now)
        mail, key = row.mail, application.public_id
    database.dispose()
    return mail, key


def kill_the_web_server(installation: Installation) -> None:
    """Master and workers at once, with signal 9."""
    pids = installation.children("gunicorn")
    assert len(pids) >= 3
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    installation.programs[-1].says("web ended with status -9")
    wait_until(installation.answers, "the web server's second life")


def test_a_killed_web_server_costs_one_piece_and_the_stored_file_equals_its_source(installation: Installation) -> None:
    installation.up().says("ready")
    mail, key = draft_of_somebody(installation)
    browser = Browser(installation)
    browser.sign_in(mail)
    token = browser.token(f"/applicant/dossiers/{key}/files")
    start = f"/applicant/dossiers/{key}/uploads"
    head = hashlib.sha256(SOURCE[: 1 << 20]).hexdigest()
    announced = {"slot": "D02", "name": "시험성적서.pdf", "size": str(len(SOURCE)), "head": head}

    begun = browser.post(start, token, **announced)
    offset = begun["offset"]
    for _ in range(3):
        offset = browser.post(begun["send"], token, offset=str(offset), piece=SOURCE[offset : offset + uploads.PIECE])["offset"]
    with browser.half(begun["send"], token, SOURCE[offset : offset + uploads.PIECE], offset=str(offset)):
        kill_the_web_server(installation)

    resumed = browser.post(start, token, **announced)
    assert (resumed["id"], resumed["offset"]) == (begun["id"], 3 * uploads.PIECE)
    offset = resumed["offset"]
    while offset < len(SOURCE):
        offset = browser.post(resumed["send"], token, offset=str(offset), piece=SOURCE[offset : offset + uploads.PIECE])["offset"]
    pieces = [SOURCE[at : at + uploads.PIECE] for at in range(0, len(SOURCE), uploads.PIECE)]
    digest = hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces)).hexdigest()
    assert browser.post(resumed["finish"], token, digest=digest)["sha256"] == hashlib.sha256(SOURCE).hexdigest()

    database, files = Database(installation.database_url), Files(installation.data_dir / "files")
    with database.read() as session:
        stored = session.scalars(select(DossierFile)).one()
        upload = session.scalars(select(Upload)).one()
        assert stored.sha256 == hashlib.sha256(SOURCE).hexdigest()
        assert files.path(stored.sha256).read_bytes() == SOURCE
        wait_until(lambda: not files.part(upload.public_id).exists(), "the worker to sweep the part of the finished upload")
    database.dispose()
