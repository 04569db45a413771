"""What was filed, version by version: the receipt, its bundle and its printed form, for whoever may read the application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier
from app.errors import NotFound
from app.models.applications import Application, DossierVersion, FiledDocument
from app.queries.readings import Verdict, verdicts
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class FileRow:
    public_id: str
    slot: str
    name: str
    kind: str
    size: int
    sha256: str
    added_at: datetime | None = None
    issued_on: str = ""
    verdict: Verdict = field(default_factory=Verdict)
    language: str = ""  # of the dossier it belongs to, where one file is read


@dataclass(frozen=True)
class Document:
    """A file made of a filing; it never changes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Receipt:
    """One filing. `bundle` and `printed` are None for the seconds it takes to make them."""

    application: str
    number: str
    title: str
    call: Mapping[str, str]
    call_code: str
    organisation: str
    language: str
    version: int
    filed_at: datetime
    content: dossier.Content
    filed: Sequence[Mapping[str, Any]]  # the files as they were filed
    bundle: Document | None
    printed: Document | None

    @property
    def files(self) -> tuple[FileRow, ...]:
        return filed_files(self.filed)

    @property
    def digest(self) -> str:
        """What the receipt states: the SHA-256 of the bundle."""
        return self.bundle.sha256 if self.bundle else ""

    @property
    def file_name(self) -> str:
        return f"{self.call_code}-{self.number}-v{self.version}"


def every(session: Session, row: Application) -> tuple[Receipt, ...]:
    """Every filing of an application, the newest first."""
    found = session.execute(
        select(DossierVersion)
        .where(DossierVersion.application_id == row.id, DossierVersion.filed)
        .order_by(DossierVersion.version.desc())
    ).scalars()
    return tuple(_receipt(session, row, version) for version in found)


def one(session: Session, public_id: str, version: int, *, actor: Actor) -> Receipt:
    """What the applicant was given at a filing; any person who may read the application may read it."""
    found = session.execute(
        select(Application, DossierVersion)
        .join(DossierVersion, DossierVersion.application_id == Application.id)
        .where(Application.public_id == public_id, DossierVersion.version == version, DossierVersion.filed)
    ).one_or_none()
    if found is None:
        raise NotFound("not_found")
    permissions.require(actor, "application.read", found[0])
    return _receipt(session, found[0], found[1])


def of_subject(session: Session, public_id: str, *, actor: Actor) -> tuple[Receipt, ...]:
    """Every filing of what this id names, the newest first; nothing for anything but an application."""
    row = session.execute(select(Application).where(Application.public_id == public_id)).scalar_one_or_none()
    if row is None:
        return ()
    permissions.require(actor, "application.read", row)
    return every(session, row)


def of_digest(session: Session, sha256: str, *, actor: Actor) -> tuple[str, Receipt] | None:
    """Which filing a bundle or printed receipt with this digest belongs to, and which of the two it is."""
    found = session.execute(
        select(FiledDocument.kind, Application, DossierVersion)
        .join(DossierVersion, DossierVersion.id == FiledDocument.version_id)
        .join(Application, Application.id == DossierVersion.application_id)
        .where(FiledDocument.sha256 == sha256)
    ).first()
    if found is None:
        return None
    permissions.require(actor, "application.read", found[1])
    return found[0], _receipt(session, found[1], found[2])


def filed_files(files: Sequence[Mapping[str, Any]]) -> tuple[FileRow, ...]:
    """The files of a filed version, as it lists them."""
    return tuple(
        FileRow(
            f.get("id", ""),
            f["slot"],
            f["name"],
            f.get("kind", ""),
            int(f["size"]),
            f["sha256"],
            issued_on=f.get("issued_on") or "",
        )
        for f in files
    )


def with_verdicts(session: Session, files: Iterable[FileRow]) -> tuple[FileRow, ...]:
    """The same files with what reading said of each."""
    rows = tuple(files)
    said = verdicts(session, ((f.slot, f.sha256) for f in rows))
    return tuple(replace(f, verdict=said[f.slot, f.sha256]) for f in rows)


def _receipt(session: Session, row: Application, version: DossierVersion) -> Receipt:
    made = {
        d.kind: Document(d.sha256, d.size)
        for d in session.execute(select(FiledDocument).where(FiledDocument.version_id == version.id)).scalars()
    }
    return Receipt(
        application=row.public_id,
        number=row.filed_number,
        title=dossier.title(version.content),
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        call_code=row.call.code,
        organisation=row.organisation.name,
        language=row.language,
        version=version.version,
        filed_at=version.at,
        content=version.content,
        filed=version.files,
        bundle=made.get("bundle"),
        printed=made.get("receipt"),
    )
