"""Letters: rendered from templates in the reader's language, stored, and sent by the mail queue to files or SMTP."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import i18n, outbox
from app.models.process import Mail

FOLDER = Path(__file__).parent / "templates" / "mail"
_templates = Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, keep_trailing_newline=True,
                         trim_blocks=True, lstrip_blocks=True, autoescape=False)  # plain text
_templates.filters.update(kst=i18n.kst, until=i18n.until, day=i18n.day, won=i18n.won)


def send(session: Session, template: str, *, to: str, language: str, key: str, now: datetime, **values: Any) -> Mail:
    """Promise one letter. The same key is the same letter: it is written and sent once.

    `templates/mail/<template>.<language>.txt`: the first line is the subject, the body follows an empty line.
    """
    existing = session.execute(select(Mail).where(Mail.key == key)).scalar_one_or_none()
    if existing is not None:
        return existing
    subject, body = written(template, language, **values)
    row = Mail(key=key, template=template, language=language, recipient=to, subject=subject, body=body, created_at=now)
    session.add(row)
    session.flush()
    outbox.promise(session, "send_mail", key=f"mail:{row.public_id}", args={"mail": row.public_id}, now=now, queue="mail")
    return row


def written(template: str, language: str, **values: Any) -> tuple[str, str]:
    """Subject and body of a letter in its reader's language, whatever language the page speaks that asks for it."""
    with i18n.speaking(language):
        text = _templates.get_template(f"{template}.{language}.txt").render(**values)
    subject, _, body = text.partition("\n")
    return " ".join(subject.split()), body.lstrip("\n")
