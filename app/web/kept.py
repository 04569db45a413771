"""What somebody sent after their sign-in had ended: kept, signed, in the page that asks them to sign in, then shown to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

LASTS = 12 * 3600  # seconds: as long as a sign-in
LONG = 20  # characters from which an entry is shown as text, not only counted


@dataclass(frozen=True)
class Kept:
    """`path`: where it was going; `fields`: as sent, without the form's token; `back`: the page it came from."""

    path: str
    fields: tuple[tuple[str, str], ...]
    back: str
    n_files: int = 0  # not kept

    @property
    def texts(self) -> list[str]:
        return [value for _name, value in self.fields if len(value) >= LONG]


def token() -> str:
    """This request's form as one signed field of the next page."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    back = urlsplit(request.referrer or "")
    here = back.path if back.netloc == request.host else "/"
    n_files = sum(bool(sent.filename) for sent in request.files.values())
    return _signer().dumps([request.path, fields, here, n_files])


def opened(text: str) -> Kept | None:
    """What a token holds; None for none, and for one that is not ours or too old."""
    try:
        path, fields, back, n_files = _signer().loads(text, max_age=LASTS)
    except (BadData, ValueError):
        return None
    return Kept(path, tuple((name, value) for name, value in fields), back, n_files)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="kept form")
