"""Health pages tell the truth about the process and the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request

from app import schema
from app.db import Database
from app.factory import create_app
from config import Config


def test_a_migrated_installation_is_ready(client: Any) -> None:
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json == {"status": "ready"}


def test_an_installation_that_stops_takes_no_new_requests(client: Any, config: Config) -> None:
    (config.data_dir / "draining").touch()
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


def test_an_older_schema_is_not_ready(client: Any, database: Database) -> None:
    schema.migrate(database, target="base")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "schema", "found": None, "wanted": schema.head()}


def test_behind_a_proxy_each_visitor_has_an_address_of_its_own(config: Config) -> None:
    for proxies, seen in ((0, "127.0.0.1"), (1, "203.0.113.7")):
        app = create_app(replace(config, proxies=proxies))
        with app.test_client() as client:
            client.get("/livez", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"})
            assert request.remote_addr == seen
