"""The web server's worker: gunicorn's threads, with the arrival of each request noted while it waits for one of them.

In the last second of a call more requests come than threads are free; what came in time is not late because it stood in line.
"""

from __future__ import annotations

import gc
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from app import arrivals

WARM = (25, 250)  # requests after which what pages load when first asked for is there, and no collection need walk over it again


class Worker(ThreadWorker):  # type: ignore[misc]
    served = 0

    def enqueue_req(self, conn: Any) -> None:
        conn.arrived = time.monotonic()
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        arrivals.note(conn.arrived)
        conn.arrived = None  # a second request on the same line comes when it comes
        try:
            return super().handle_request(req, conn)
        finally:
            arrivals.note(None)
            self.served += 1
            if self.served in WARM:
                gc.collect()
                gc.freeze()
