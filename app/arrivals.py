"""When the request in hand came: noted by the web server before it waited for a free thread, read once by the application."""

from __future__ import annotations

import threading
import time

_here = threading.local()


def note(moment: float | None) -> None:
    """The moment, on the monotonic clock, at which the request this thread serves next could first be read."""
    _here.moment = moment


def take() -> float:
    """That moment, once; now, where the server noted none."""
    moment = getattr(_here, "moment", None)
    _here.moment = None
    return time.monotonic() if moment is None else float(moment)
