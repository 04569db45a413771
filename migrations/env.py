"""Runs the migrations on the connection handed over by `app.schema`, with foreign keys off while SQLite rebuilds tables."""

from alembic import context

import app.models  # noqa: F401 - registers the tables
from app.db import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
