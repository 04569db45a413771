"""What a load balancer and `ppir up` ask: is the process there, and may it be given requests?"""

from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from app import schema
from app.web.access import access, now

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
@access("public")
def alive() -> ResponseReturnValue:
    return {"status": "alive"}


@blueprint.get("/clock")
@access("public")
def clock() -> ResponseReturnValue:
    """The server's time in milliseconds: a countdown that slept, or stands in a page kept by the browser, asks for it."""
    return {"now": round(now().timestamp() * 1000)}


@blueprint.get("/readyz")
@access("public")
def ready() -> ResponseReturnValue:
    """503 while the installation stops, and when the database's schema is not this release's."""
    ground = current_app.extensions["ppir"]
    if (ground.config.data_dir / "draining").exists():
        return {"status": "draining"}, 503
    found, wanted = schema.current(ground.database), schema.head()
    if found != wanted:
        return {"status": "schema", "found": found, "wanted": wanted}, 503
    return {"status": "ready"}
