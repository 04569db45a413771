"""The process in which a stranger's file is parsed: `python -I -m app.documents.child KIND ASKER < file`, answering JSON.

It gives up what it does not need before it looks at the first byte: memory, time, files, other processes and the network. It
knows neither the configuration nor the database of the platform, and dies with whoever started it.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

MOST_MEMORY = 512 << 20
CPU_SECONDS = 25
MOST_FILES = 16
_PR_SET_PDEATHSIG = 1
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000


def confine(asker: int) -> bool:
    """Take away what reading for process `asker` does not need; whether the network is gone too, which not every machine allows."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != asker:
        raise SystemExit(1)  # whoever asked is gone already
    alone = sys.platform == "linux" and any(libc.unshare(what) == 0 for what in (_NEW_USER | _NEW_NET, _NEW_NET))
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    return alone


def answer(kind: str, stream: BinaryIO) -> dict[str, Any]:
    """What the reader of this kind makes of the file, or the code of what stopped it."""
    from app.documents.readers import READERS  # only here: parsers are loaded after everything else is given up
    from app.errors import Invalid

    try:
        document = READERS[kind](stream)
    except Invalid as refused:
        return {"refused": refused.code, "inside": refused.data.get("inside", "")}
    except MemoryError:
        return {"refused": "file.archive_bomb"}
    except Exception as error:  # whatever a parser trips over is a verdict on the file, and its text may be the file's
        return {"refused": "unreadable", "cause": type(error).__name__}
    pages = [[page.label, page.text, page.hidden, page.drawn, page.why] for page in document.pages]
    return {"unit": document.unit, "pages": pages, "found": document.found}


def _begin_drawing() -> None:
    """What draws pictures starts its threads now: none may be started later."""
    import typst

    os.environ["RAYON_NUM_THREADS"] = "1"
    typst.compile(b"", format="png", ignore_system_fonts=True)


def main() -> int:
    if sys.argv[1] == "photo":
        _begin_drawing()
    alone = confine(int(sys.argv[2]))
    told = answer(sys.argv[1], sys.stdin.buffer) | {"no_network": alone}
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
