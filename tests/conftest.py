"""What every test may ask for: settings in a folder of its own, a migrated database, a fixed clock, real servers.

The suite runs on SQLite; `pytest -m storage --database=postgresql` runs what touches storage again on PostgreSQL, on
the server of PPIR_TEST_DATABASE_URL or else on one started for the run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import Database
from config import Config
from tests.databases import Postgresql, Source, Sqlite
from tests.servers import PostgreSQL, Valkey

_server = pytest.StashKey[PostgreSQL]()
_server_url = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="what the tests store in")


def pytest_configure(config: pytest.Config) -> None:
    """One PostgreSQL for the whole run, started by the process that hands tests out; xdist workers get its address."""
    if config.getoption("--database") != "postgresql":
        return
    handed: dict[str, Any] = getattr(config, "workerinput", {})
    url = handed.get("database_server") or os.environ.get("PPIR_TEST_DATABASE_URL")
    if not url:
        config.stash[_server] = PostgreSQL().start()
        url = config.stash[_server].url("postgres")
    config.stash[_server_url] = url


def pytest_unconfigure(config: pytest.Config) -> None:
    if (server := config.stash.get(_server, None)) is not None:
        server.remove()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if (url := node.config.stash.get(_server_url, None)) is not None:
        node.workerinput["database_server"] = url


# --- storage ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def source(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    if (url := pytestconfig.stash.get(_server_url, None)) is None:
        yield Sqlite(tmp_path_factory.mktemp("template"))
        return
    databases = Postgresql(url, careless="PPIR_TEST_DATABASE_URL" not in os.environ)
    yield databases
    databases.close()


@pytest.fixture
def database_url(source: Source, tmp_path: Path) -> Iterator[str]:
    url = source.fresh(tmp_path)
    yield url
    source.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session, rolled back unless the test commits. Commit before `client` writes: SQLite has one writer."""
    with database.writer() as session:
        yield session
        session.rollback()


# --- settings, clock, queue -------------------------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    return Config(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=None,
        secret_key="a fixed key for the tests only",
        base_url="http://localhost",
        host="127.0.0.1",
        port=8000,
        smtp_url=None,
        mail_from="ppir@example.org",
        encoder=None,
        secure_cookies=False,
        testing=True,
    )


@pytest.fixture
def now() -> datetime:
    """A Monday morning in Seoul."""
    return datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Valkey]:
    server = Valkey().start()
    yield server
    server.remove()


@pytest.fixture
def valkey(_valkey: Valkey) -> Valkey:
    """A real, empty queue server; a test that stops it starts its own `Valkey()` instead."""
    with _valkey.client() as client:
        client.flushall()
    return _valkey


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def app(config: Config, now: datetime) -> Any:
    from app.factory import create_app  # only tests of pages need Flask

    return create_app(config, now=lambda: now)


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


# --- the browser ------------------------------------------------------------------------------------------------------


def chromium() -> str | None:
    named = os.environ.get("PPIR_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are skipped, said in one line; continuous integration refuses that skip."""
    in_browser = [item for item in items if item.get_closest_marker("browser")]
    if not in_browser or chromium():
        return
    reason = "no Chromium found: install it (.ci/run does) or name it in PPIR_CHROMIUM"
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"the browser tests must run here: {reason}")
    for item in in_browser:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
    ]
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=quiet)
        yield browser
        browser.close()
