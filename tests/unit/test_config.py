"""Settings come from the environment once; without any the installation is the embedded one."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import config


def read(tmp_path: Path, **env: str) -> config.Config:
    return config.read({"PPIR_DATA_DIR": str(tmp_path), **env})


def test_without_variables_everything_is_in_the_data_folder(tmp_path: Path) -> None:
    here = read(tmp_path)
    assert here.database_url == f"sqlite:///{tmp_path}/ppir.sqlite"
    assert here.redis_url is None
    assert (here.host, here.port, here.proxies, here.secure_cookies) == ("127.0.0.1", 8000, 0, False)


def test_both_spellings_of_a_postgresql_address_mean_the_same_driver(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql"):
        assert read(tmp_path, DATABASE_URL=f"{scheme}://u@h/d").database_url == "postgresql+psycopg://u@h/d"


def test_an_https_address_makes_cookies_secure(tmp_path: Path) -> None:
    assert read(tmp_path, PPIR_BASE_URL="https://ppir.example.org").secure_cookies


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read(tmp_path).secret_key, range(32)))
    (key,) = keys
    assert len(key) == 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
