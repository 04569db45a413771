"""What a web server imports: `gunicorn wsgi:app`."""

import gc

import config
from app.factory import create_app

app = create_app(config.read())
gc.freeze()  # what is loaded by now stays for good: no later collection walks over it, which took 130 ms in a busy page
