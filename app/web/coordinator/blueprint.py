"""The coordinators' blueprint; the chapters of routes.py hang their pages on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("coordinator", __name__, url_prefix="/coordinator")
