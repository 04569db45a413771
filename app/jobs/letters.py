"""Carries letters out of the house: to SMTP where configured, else to files in the data folder."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from app import clock
from app.jobs.job import Job
from app.models.applications import CoApplicant
from app.models.people import Account
from app.models.process import Mail
from app.stages import people, team
from app.workflow.actors import OPERATOR
from config import Config

SMTP_SECONDS = 30  # a server that stalls costs one attempt, not the mail queue


def send_mail(job: Job) -> None:
    """At least once: a death between sending and settling sends again, with the same Message-ID."""
    with job.database.read() as session:
        row = session.scalars(select(Mail).where(Mail.public_id == job.args["mail"])).one()
        message = envelope(row, job.config)
        sent = row.sent_at is not None
    if not sent:
        channel = "smtp" if job.config.smtp_url else "file"
        if job.config.smtp_url:
            _by_smtp(message, job.config.smtp_url)
        else:
            _to_file(message, job.config, row.public_id)
    with job.effect() as session:
        if not sent:
            row = session.scalars(select(Mail).where(Mail.public_id == job.args["mail"])).one()
            row.sent_at, row.channel = clock.now(session), channel


def write_to_co_applicant(job: Job) -> None:
    """Somebody without an account, or with one that never applied, gets the role first; it opens this one dossier only."""
    with job.effect() as session:
        now = clock.now(session)
        row = session.execute(select(CoApplicant).where(CoApplicant.public_id == job.args["member"])).scalar_one()
        account = session.execute(select(Account).where(Account.mail == row.mail)).scalar_one_or_none()
        if row.ended_at is not None and account is None:
            return
        if account is None or not any(r.role == "applicant" and r.ended_at is None for r in account.roles):
            people.invite(
                session,
                name=row.name,
                mail_address=row.mail,
                role="applicant",
                actor=OPERATOR,
                now=now,
                base_url=job.config.base_url,
                language=row.application.language,
                for_one_dossier=True,
            )
        team.write_letter(session, row.public_id, now=now, base_url=job.config.base_url)


def envelope(row: Mail, config: Config) -> EmailMessage:
    message = EmailMessage()
    message["From"] = config.mail_from
    message["To"] = row.recipient
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.public_id}@{config.mail_from.rpartition('@')[2].rstrip('>')}>"
    message["Content-Language"] = row.language
    message.set_content(row.body)
    return message


def _to_file(message: EmailMessage, config: Config, name: str) -> None:
    config.mail_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (config.mail_dir / f"{name}.eml").write_bytes(message.as_bytes())


def _by_smtp(message: EmailMessage, url: str) -> None:
    """`smtp://` with STARTTLS where it is offered, `smtps://` from the first byte; name and password optional."""
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SMTP_SECONDS)
    with server:
        if parts.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
