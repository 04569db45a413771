"""What a filing becomes once it stands: the bundle whose digest the receipt states, a letter that says so, a printed receipt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail, outbox
from app.errors import NotFound
from app.files import Stored
from app.models.applications import Application, DossierVersion, FiledDocument
from app.workflow import door, permissions
from app.workflow.actors import Actor


def bundled(
    session: Session, application_id: str, version: int, bundle: Stored, *, actor: Actor, now: datetime, base_url: str,
    letter: bool = True,
) -> FiledDocument:  # fmt: skip
    """Pin the bundle of a filing, tell the applicant its digest, owe the printed receipt. Made again, it is the same one."""
    application, filed = _filing(session, application_id, version)
    row, new = _pin(session, application, filed, "bundle", bundle, actor, now)
    if new:
        key = f"receipt:{application_id}:{version}"
        outbox.promise(session, "receipt", key=key, args={"application": application_id, "version": version}, now=now)
        if letter:
            _letter(session, application, filed, row, now, base_url)
    return row


def printed(session: Session, application_id: str, version: int, paper: Stored, *, actor: Actor, now: datetime) -> FiledDocument:
    """Pin the printed receipt of a filing."""
    application, filed = _filing(session, application_id, version)
    return _pin(session, application, filed, "receipt", paper, actor, now)[0]


def owe_all(session: Session, *, now: datetime) -> int:
    """Promise the bundle of every filing that has none: filed before there were bundles. No letter is sent for these."""
    bundled_already = select(FiledDocument.version_id).where(FiledDocument.kind == "bundle")
    left = session.execute(
        select(Application.public_id, DossierVersion.version)
        .join(DossierVersion, DossierVersion.application_id == Application.id)
        .where(DossierVersion.filed, Application.owner_id.is_not(None), DossierVersion.id.not_in(bundled_already))
        .order_by(DossierVersion.id)
    ).all()
    for application, version in left:
        args = {"application": application, "version": version, "letter": False}
        outbox.promise(session, "bundle", key=f"bundle:{application}:{version}", args=args, now=now)
    return len(left)


def _filing(session: Session, application_id: str, version: int) -> tuple[Application, DossierVersion]:
    found = session.execute(
        select(Application, DossierVersion)
        .join(DossierVersion, DossierVersion.application_id == Application.id)
        .where(Application.public_id == application_id, DossierVersion.version == version, DossierVersion.filed)
    ).one_or_none()
    if found is None:
        raise NotFound("not_found")
    return found[0], found[1]


def _pin(
    session: Session, application: Application, filed: DossierVersion, kind: str, made: Stored, actor: Actor, now: datetime
) -> tuple[FiledDocument, bool]:
    role = permissions.require(actor, "filing.pin")
    here = select(FiledDocument).where(FiledDocument.version_id == filed.id, FiledDocument.kind == kind)
    held = session.execute(here).scalar_one_or_none()
    if held is not None:
        return held, False
    row = FiledDocument(version_id=filed.id, kind=kind, sha256=made.sha256, size=made.size, at=now)
    session.add(row)
    data = {"version": filed.version, "sha256": made.sha256, "size": made.size, "digest": filed.digest}
    door.record(session, application, f"filing.{kind}", actor=actor, role=role, now=now, data=data)
    return row, True


def _letter(
    session: Session, application: Application, filed: DossierVersion, bundle: FiledDocument, now: datetime, base_url: str
) -> None:
    owner = application.owner
    if owner is None:
        return
    mail.send(
        session,
        "receipt",
        to=owner.mail,
        language=owner.language,
        key=f"receipt:{application.public_id}:{filed.version}",
        now=now,
        number=application.filed_number,
        title=application.title,
        call=application.call.title_ko if owner.language == "ko" else application.call.title_en,
        filed_at=filed.at,
        digest=bundle.sha256,
        files=filed.files,
        link=f"{base_url}/applicant/dossiers/{application.public_id}/receipt/{filed.version}",
    )
