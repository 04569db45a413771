"""The scanner's protocol, against a socket that speaks it: clean, found, away, and not an answer."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents import virus

EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Clamd(socketserver.StreamRequestHandler):
    """INSTREAM as clamd speaks it: blocks with their length, ended by an empty one."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        held = b""
        while size := int.from_bytes(self.rfile.read(4)):
            held += self.rfile.read(size)
        if b"TOO LONG" in held:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        elif EICAR in held:
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0")
        elif b"SILENT" not in held:
            self.wfile.write(b"stream: OK\0")


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    socket = tmp_path / "clamd"
    kind = socketserver.ThreadingUnixStreamServer if request.param == "unix" else socketserver.ThreadingTCPServer
    with kind(str(socket) if request.param == "unix" else ("127.0.0.1", 0), Clamd) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"unix:{socket}" if request.param == "unix" else f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def holding(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def test_a_clean_file_is_clean_however_large(clamd: str, tmp_path: Path) -> None:
    assert virus.scan(holding(tmp_path, bytes(300_000)), clamd) == ("clean", "")


def test_what_is_found_is_named(clamd: str, tmp_path: Path) -> None:
    assert virus.scan(holding(tmp_path, bytes(100_000) + EICAR), clamd) == ("infected", "Eicar-Test-Signature")


@pytest.mark.parametrize("content", [b"TOO LONG", b"SILENT"])
def test_anything_but_a_clear_answer_is_no_clean_file(clamd: str, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(virus.ScannerAway):
        virus.scan(holding(tmp_path, content), clamd)


@pytest.mark.parametrize("address", ["unix:/nowhere/clamd", "tcp://127.0.0.1:1"])
def test_a_scanner_that_is_away_is_no_clean_file(address: str, tmp_path: Path) -> None:
    with pytest.raises(virus.ScannerAway):
        virus.scan(holding(tmp_path, b"x"), address)


def test_without_a_scanner_nothing_is_called_clean(tmp_path: Path) -> None:
    assert virus.scan(holding(tmp_path, b"x"), None) == ("not_scanned", "")
