"""All settings of an installation: one frozen dataclass, read once from the environment."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LANGUAGES: dict[str, str] = {"ko": "한국어", "en": "English"}


@dataclass(frozen=True)
class Config:
    """What an operator may set; `README.md` lists the variables with their defaults."""

    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    base_url: str
    host: str
    port: int
    smtp_url: str | None
    mail_from: str
    encoder: str | None
    secure_cookies: bool
    testing: bool = False
    clamd: str | None = None  # where the virus scanner listens: unix:/run/clamav/clamd.ctl or tcp://host:3310
    proxies: int = 0  # how many reverse proxies stand before the web server; each adds one X-Forwarded-For

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def vectors_dir(self) -> Path:
        return self.data_dir / "vectors"

    @property
    def affinities_dir(self) -> Path:
        return self.data_dir / "affinities"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def embedded_database(self) -> bool:
        return self.database_url.startswith("sqlite")


def read(env: dict[str, str] | None = None) -> Config:
    """Read the environment; without any variable this is the embedded installation in `./data`."""
    source = dict(os.environ) if env is None else env
    data_dir = Path(source.get("PPIR_DATA_DIR", "data")).expanduser().absolute()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = int(source.get("PPIR_PORT", "8000"))
    base_url = source.get("PPIR_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    return Config(
        data_dir=data_dir,
        database_url=_sqlalchemy_url(source.get("DATABASE_URL") or f"sqlite:///{data_dir / 'ppir.sqlite'}"),
        redis_url=source.get("REDIS_URL") or None,
        secret_key=source.get("SECRET_KEY") or _kept_secret(data_dir / "secret_key"),
        base_url=base_url,
        host=source.get("PPIR_HOST", "127.0.0.1"),
        port=port,
        smtp_url=source.get("PPIR_SMTP_URL") or None,
        mail_from=source.get("PPIR_MAIL_FROM", "ppir@localhost"),
        encoder=source.get("PPIR_ENCODER") or None,
        secure_cookies=base_url.startswith("https://"),
        clamd=source.get("PPIR_CLAMD") or None,
        proxies=int(source.get("PPIR_PROXIES", "0")),
    )


def _sqlalchemy_url(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix):]
    return url


def _kept_secret(path: Path) -> str:
    """Made once per data folder, readable by its owner only, so that a restart signs nobody out."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(secrets.token_hex(32))
        with suppress(FileExistsError):  # another process was first
            os.link(draft, path)  # appears whole or not at all
        draft.unlink()
    return path.read_text()
