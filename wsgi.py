"""What a web server imports: `gunicorn wsgi:app`."""

import config
from app.factory import create_app

app = create_app(config.read())
