"""A small demonstration made once for the whole run, copied for each journey, served to a real browser."""

from __future__ import annotations

import dataclasses
import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from app import schema
from app.db import Database
from app.demo import make
from app.factory import create_app
from config import Config
from tests.browser.person import Person

EXPERTS, DOSSIERS = 400, 40


@dataclasses.dataclass(frozen=True)
class Site:
    """A running installation with a demonstration of its own."""

    address: str
    config: Config
    database: Database


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a finished small demonstration; the first worker makes it, the others wait for it."""
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder = base / "demonstration"
    with (base / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = base / "demonstration.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            database = Database(_url(draft))
            schema.migrate(database)
            make.make(_config(draft), database, lambda *_: None, n_experts=EXPERTS, n_dossiers=DOSSIERS)
            with database.engine.connect() as connection:  # a copy without its -wal would miss what was committed last
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            database.dispose()
            draft.rename(folder)
    return folder


@pytest.fixture
def site(demonstration: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "data"
    shutil.copytree(demonstration, folder)
    config = _config(folder)
    app = create_app(config)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    database = Database(config.database_url)
    yield Site(f"http://127.0.0.1:{server.port}", config, database)
    server.shutdown()
    thread.join()
    database.dispose()
    app.extensions["ppir"].database.dispose()


@pytest.fixture
def person(browser: Any, site: Site) -> Iterator[Callable[..., Person]]:
    """A browser window for somebody; at the end of the journey none of them may have seen an error."""
    people: list[Person] = []

    def enter(mail: str = "", *, language: str = "ko") -> Person:
        people.append(Person(browser, site.address, language=language))
        if mail:
            people[-1].sign_in(f"{mail}@ppir.example" if "@" not in mail else mail, make.password())
        return people[-1]

    yield enter
    for one in people:
        one.leave()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ppir.sqlite'}"


def _config(folder: Path) -> Config:
    return Config(
        data_dir=folder,
        database_url=_url(folder),
        redis_url=None,
        secret_key="a fixed key for the tests only",
        base_url="http://127.0.0.1",
        host="127.0.0.1",
        port=8000,
        smtp_url=None,
        mail_from="ppir@example.org",
        encoder=None,
        secure_cookies=False,
        testing=True,
    )
