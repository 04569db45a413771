"""Files by their content: stored under the SHA-256 of what they hold, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.errors import Invalid


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """Store what the stream holds; more than `limit` bytes is refused and leaves nothing behind."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.folder / f".{secrets.token_hex(12)}.part"
        seen, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as out:
                while block := stream.read(1 << 20):
                    size += len(block)
                    if size > limit:
                        raise Invalid("file.too_large", limit_mb=limit >> 20)
                    seen.update(block)
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
            if size == 0:
                raise Invalid("file.empty")
            path = self.path(seen.hexdigest())
            path.parent.mkdir(exist_ok=True, mode=0o700)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return Stored(seen.hexdigest(), size)

    def path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise Invalid("file.bad_digest")
        return self.folder / sha256[:2] / sha256
