"""Asks a virus scanner (clamd, INSTREAM) about a file. Without one, files count as not scanned; one that does not answer is an
error, never a clean file."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

BLOCK = 1 << 16
PATIENCE = 30.0  # seconds for an answer; clamd reads a file of 50 MB in a few
NOT_SCANNED, CLEAN, INFECTED = "not_scanned", "clean", "infected"


class ScannerAway(Exception):
    """The scanner this installation is set to use cannot be reached, or does not say clean or found."""


def scan(path: Path, address: str | None) -> tuple[str, str]:
    """Clean, infected with the name of what was found, or not scanned where no scanner is set. `address`: unix:/path or tcp://host:port."""
    if address is None:
        return NOT_SCANNED, ""
    try:
        with _connect(address) as line, path.open("rb") as file:
            line.sendall(b"zINSTREAM\0")
            while block := file.read(BLOCK):
                line.sendall(len(block).to_bytes(4) + block)
            line.sendall(bytes(4))
            said = _answer(line)
    except OSError as error:
        raise ScannerAway(f"{address}: {error}") from error
    if said == "stream: OK":
        return CLEAN, ""
    if found := re.fullmatch(r"stream: (.+) FOUND", said):
        return INFECTED, found[1][:120]
    raise ScannerAway(f"{address} said {said[:200]!r}")


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        try:
            line.connect(parts.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), PATIENCE)


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < 4096:
        block = line.recv(4096)
        if not block:
            break
        said += block
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
