"""The panellists' blueprint; the chapters of routes.py hang their pages on it."""

from __future__ import annotations

from flask import Blueprint, current_app

blueprint = Blueprint("panellist", __name__, url_prefix="/panellist")


def base_url() -> str:
    """What links in letters begin with."""
    return str(current_app.extensions["ppir"].config.base_url)
