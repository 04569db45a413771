"""The institutions' blueprint; the chapters of routes.py hang their pages on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("institution", __name__, url_prefix="/institution")
