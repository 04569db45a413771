"""The public's blueprint; the chapters of routes.py hang their pages on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("public", __name__)
