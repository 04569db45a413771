"""Writes applications filed elsewhere: eligible by import, one filed version each; other content is another version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.documents import dossier as form
from app.models.applications import Application, Decision, DossierVersion
from app.models.calls import Call
from app.stages.imports import organisations
from app.stages.imports.experts import Counts
from app.stages.imports.profiles import Profile
from app.stages.imports.row_files import Problem

SOURCE = "import"


def refused(session: Session, call: Call, profiles: Sequence[Profile]) -> list[Problem]:
    """Rows that would change a dossier which a panel already has."""
    known = _known(session, call)
    return [
        Problem(p.line, "application_id", "import.dossier_under_review")
        for p in profiles
        if p.id in known and known[p.id].digest != p.digest and known[p.id].status != "eligible"
    ]


def store(session: Session, call: Call, profiles: Sequence[Profile], now: datetime, by_id: int | None) -> Counts:
    """File what is new, add a version where the content differs; dossiers the file does not name stay as they are."""
    known = _known(session, call)
    new = [p for p in profiles if p.id not in known]
    changed = [p for p in profiles if p.id in known and known[p.id].digest != p.digest]
    places = organisations.resolve(session, [_named(p) for p in new + changed])
    _create(session, call, new, places, now, by_id)
    for profile in changed:
        row = known[profile.id]
        version = row.dossier_version + 1
        session.execute(
            update(Application)
            .where(Application.id == row.id)
            .values(**_columns(profile, places), dossier_version=version, version=Application.version + 1)
        )
        session.add(DossierVersion(**_version(row.id, version, profile, now, by_id)))
    return Counts(len(new), len(changed), len(profiles) - len(new) - len(changed))


def _known(session: Session, call: Call) -> Mapping[str, Any]:
    """The imported applications of the call with the digest of the version that counts."""
    counting = (DossierVersion.application_id == Application.id) & (DossierVersion.version == Application.dossier_version)
    rows = session.execute(
        select(
            Application.id,
            Application.external_id,
            Application.status,
            Application.dossier_version,
            DossierVersion.digest,
        )
        .join(DossierVersion, counting)
        .where(Application.call_id == call.id, Application.source == SOURCE)
    )
    return {row.external_id: row for row in rows if row.external_id is not None}


def _create(
    session: Session,
    call: Call,
    profiles: Sequence[Profile],
    places: Mapping[organisations.Named, int],
    now: datetime,
    by_id: int | None,
) -> None:
    if not profiles:
        return
    last = session.execute(select(func.max(Application.number)).where(Application.call_id == call.id)).scalar_one() or 0
    rows = [
        {
            **_columns(p, places),
            "call_id": call.id,
            "source": SOURCE,
            "external_id": p.id,
            "number": number,
            "status": "eligible",
            "dossier_version": 1,
            "submitted_at": now,
            "created_at": now,
        }
        for number, p in enumerate(profiles, last + 1)
    ]
    returning = insert(Application).returning(Application.id, sort_by_parameter_order=True)
    ids = list(session.execute(returning, rows).scalars())
    pairs = list(zip(ids, profiles, strict=True))
    session.execute(insert(DossierVersion), [_version(own, 1, p, now, by_id) for own, p in pairs])
    session.execute(
        insert(Decision),
        [
            {
                "subject_kind": "application",
                "subject_id": own,
                "move": ">eligible",
                "outcome": "eligible",
                "reasons": [{"code": "imported"}],
                "rules_version": call.rules_version,
                "by_id": by_id,
                "at": now,
            }
            for own, _ in pairs
        ],
    )


def _named(profile: Profile) -> organisations.Named:
    return profile.content["organisation"], profile.content["organisation_no"]


def _columns(profile: Profile, places: Mapping[organisations.Named, int]) -> dict[str, Any]:
    codes = [*profile.content["fields"], "", ""]
    return {
        "organisation_id": places[_named(profile)],
        "title": profile.content["title"],
        "language": profile.content["language"],
        "field_1": codes[0],
        "field_2": codes[1],
    }


def _version(application: int, version: int, profile: Profile, now: datetime, by_id: int | None) -> dict[str, Any]:
    return {
        "application_id": application,
        "version": version,
        "content": _content(profile.content),
        "digest": profile.digest,
        "filed": True,
        "files": [],
        "by_id": by_id,
        "at": now,
    }


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row in the shape of the form; sections of its own `content` stand, where the form has them, before the rest."""
    content: dict[str, Any] = form.imported(
        title=row["title"],
        summary=row["summary"],
        organisation=row["organisation"],
        organisation_number=row["organisation_no"],
        fields=row["fields"],
        keywords=row["keywords"],
        people=[{"name": person} if isinstance(person, str) else person for person in row["people"]],
        language=row["language"],
    )
    for section, values in row["content"].items():
        content[section] = {**values, **content.get(section, {})} if isinstance(values, Mapping) else values
    return content | {"imported": {"agency": row["agency"], "year": row["year"]}}
