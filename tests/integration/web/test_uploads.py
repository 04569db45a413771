"""The pieces of a file as a browser sends them: with a token, one answer for each, the same rules as the plain form."""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.db import Database
from app.models.process import Setting
from app.stages import submission
from tests import dossiers as made
from tests.people import signed_in

SOURCE = made.PDF + b"0123456789" * 1000


class Browser:
    """Speaks as the script of the page does."""

    def __init__(self, client: Any, key: str) -> None:
        self.client, self.root = client, f"/applicant/dossiers/{key}"
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/applicant/").text)
        assert found
        self.token = found[1]

    def page(self, language: str = "en") -> str:
        return str(self.client.get(f"{self.root}/files?lang={language}").text)

    def post(self, path: str, **sent: Any) -> Any:
        path = path if path.startswith("/") else f"{self.root}/{path}"
        accept = {"Accept": "application/json"}
        return self.client.post(path, data={"csrf_token": self.token, **sent}, headers=accept, content_type="multipart/form-data")

    def begin(self, name: str = "plan.pdf", slot: str = "D02", source: bytes = SOURCE) -> Any:
        return self.post("uploads", slot=slot, name=name, size=len(source), head=hashlib.sha256(source).hexdigest())

    def piece(self, begun: dict[str, Any], offset: int, data: bytes) -> Any:
        return self.post(begun["send"], offset=str(offset), piece=(io.BytesIO(data), "blob"))

    def finish(self, begun: dict[str, Any], source: bytes = SOURCE) -> Any:
        return self.post(begun["finish"], digest=hashlib.sha256(hashlib.sha256(source).digest()).hexdigest())


@pytest.fixture
def owner(app: Any, session: Session, now: datetime) -> Browser:
    """The applicant of a draft, on its page of files."""
    call = made.open_call(session, now)
    client, actor = signed_in(app, session, now, "applicant")
    key = submission.start(session, call.public_id, actor=actor, now=now).public_id
    session.commit()
    return Browser(client, key)


def test_a_file_in_pieces_stands_in_its_slot(owner: Browser) -> None:
    begun = owner.begin().json
    assert owner.piece(begun, 0, SOURCE[:4000]).json == {"offset": 4000}
    page = owner.page()
    assert "Interrupted at" in page and "Choose the same file again to go on." in page
    assert owner.begin().json["offset"] == 4000
    assert owner.piece(begun, 4000, SOURCE[4000:]).json == {"offset": len(SOURCE)}
    told = owner.finish(begun)
    assert told.status_code == 200 and told.json["sha256"] == hashlib.sha256(SOURCE).hexdigest()
    page = owner.page()
    assert "plan.pdf" in page and "Interrupted at" not in page


def test_two_tabs_sending_the_same_file_make_one(owner: Browser) -> None:
    first, second = owner.begin().json, owner.begin().json
    assert first["send"] == second["send"]
    owner.piece(first, 0, SOURCE[:4000])
    assert owner.piece(second, 0, SOURCE[:5000]).json == {"offset": 4000}  # it goes on from there
    assert owner.piece(second, 4000, SOURCE[4000:9000]).json == {"offset": 9000}
    behind = owner.piece(first, 9500, SOURCE[9500:])
    assert (behind.status_code, behind.json["offset"]) == (409, 9000)
    owner.piece(first, 9000, SOURCE[9000:])
    assert owner.finish(second).json["sha256"] == owner.finish(first).json["sha256"]


def test_every_piece_carries_the_token_of_its_page(owner: Browser) -> None:
    begun = owner.begin().json
    owner.token = ""
    for refused in (owner.begin("b.pdf"), owner.piece(begun, 0, SOURCE), owner.finish(begun), owner.post(begun["cancel"])):
        assert refused.status_code == 400


def test_a_stranger_and_somebody_signed_out_get_nothing(app: Any, session: Session, now: datetime, owner: Browser) -> None:
    begun = owner.begin().json
    client, _ = signed_in(app, session, now, "applicant")
    session.commit()
    stranger = Browser(client, owner.root.rsplit("/", 1)[1])
    for answer in (stranger.begin(), stranger.piece(begun, 0, b"x"), stranger.finish(begun), stranger.post(begun["cancel"])):
        assert answer.status_code == 404
    nobody = app.test_client()
    assert nobody.post(begun["send"], data={"offset": "0"}).status_code in (400, 401)


def test_refusals_come_in_words(owner: Browser) -> None:
    large = owner.post("uploads", slot="D02", name="a.pdf", size=str(10**12), head="0" * 64)
    assert large.status_code == 422 and large.json["code"] == "file.too_large" and "50 MB" in large.json["error"]
    assert owner.post("uploads", slot="D01", name="a.pdf", size="10", head="0" * 64).json["code"] == "dossier.slot_closed"
    for size in ("-1", "ten", "", "9" * 40):
        assert owner.post("uploads", slot="D02", name="a.pdf", size=size, head="0" * 64).status_code == 400
    begun = owner.begin().json
    assert owner.post(begun["send"], offset="0").status_code == 400


def test_an_interrupted_upload_is_cancelled_without_a_script(owner: Browser) -> None:
    begun = owner.begin().json
    owner.piece(begun, 0, SOURCE[:4000])
    answer = owner.client.post(begun["cancel"], data={"csrf_token": owner.token})
    assert answer.status_code == 303
    assert "Interrupted at" not in owner.page()
    assert owner.piece(begun, 4000, SOURCE[4000:]).status_code == 404


# --- a slow line ------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(app: Any) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()


def test_a_form_that_arrives_slowly_does_not_hold_the_one_writer(
    owner: Browser, database: Database, served: int
) -> None:
    begun = owner.begin().json
    cookie = "; ".join(f"{c.key}={c.value}" for c in owner.client._cookies.values())
    body = _multipart(csrf_token=owner.token, offset="0", piece=SOURCE)
    head = (
        f"POST {begun['send']} HTTP/1.1\r\nHost: localhost:{served}\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served)) as line:
        line.sendall(head.encode() + body[:3000])
        time.sleep(0.5)  # the server has begun to read and waits for the rest
        began = time.monotonic()
        with database.write() as session:
            session.add(Setting(name="meanwhile", value="written"))
        assert time.monotonic() - began < 5
        line.sendall(body[3000:])
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 200 and f'"offset":{len(SOURCE)}' in answer.read().decode().replace(" ", "")


def _multipart(**parts: str | bytes) -> bytes:
    out = b""
    for name, value in parts.items():
        named = f'name="{name}"' + ('; filename="blob"' if isinstance(value, bytes) else "")
        out += f"--x\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode()
        out += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return out + b"--x--\r\n"


def test_the_files_page_says_that_a_break_costs_nothing(owner: Browser) -> None:
    page = owner.page("ko")
    assert "중간에 끊겨도 됩니다" in page
    assert 'enctype="multipart/form-data"' in page  # and works without a script

