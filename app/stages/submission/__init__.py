"""The second step: a dossier is written, filed with a receipt, taken back before closing, withdrawn.

A large file is sent in pieces (`uploads`) and, once whole, added like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import journal, outbox
from app.clock import today_kst
from app.documents import dossier, intake, merging
from app.documents.form import SECTION, SLOT
from app.documents.intake import Sent
from app.errors import Invalid, NotFound, Stale, WrongStage
from app.files import Files
from app.models.applications import Application, DossierFile, DossierVersion
from app.models.calls import Call
from app.models.people import Organisation
from app.workflow import door, dossiers, permissions, readings, rules, suggestions, window
from app.workflow.actors import Actor
from reviewers.fields import all_fields

RANKS = (1, 2, 3)  # of the sub-fields an applicant chooses


def start(
    session: Session,
    call_id: str,
    *,
    actor: Actor,
    now: datetime,
    answers: dossier.Content | None = None,
) -> Application:
    """A draft for an open call, numbered within it, filled with what is known of the company and of the self-check."""
    role = permissions.require(actor, "application.create")
    call = session.execute(
        select(Call).where(Call.public_id == call_id, Call.status != "draft").with_for_update()
    ).scalar_one_or_none()
    if call is None:
        raise NotFound("not_found")
    if not window.takes(call, now):
        raise WrongStage("guard.call_closed", last_at=window.of(call).last_at, now=now)
    organisation = _organisation(session, actor)
    last = session.execute(select(func.max(Application.number)).where(Application.call_id == call.id)).scalar_one()
    application = Application(
        call=call,
        organisation=organisation,
        owner_id=actor.account_id,
        number=(last or 0) + 1,
        language=actor.language,
        created_at=now,
    )
    session.add(application)
    session.flush()
    content = _known(organisation)
    for section, values in (answers or {}).items():
        content.setdefault(section, {}).update(values)
    _add_version(session, application, content, actor, now)
    door.record(session, application, "application.started", actor=actor, role=role, now=now)
    return application


def save(
    session: Session,
    application_id: str,
    section: str,
    values: Mapping[str, Any],
    *,
    base: int,
    actor: Actor,
    now: datetime,
) -> DossierVersion:
    """These fields of one section as a new version. `base` is the version the writer saw.

    What others changed since is joined field by field; where both changed one field, nothing is stored and Stale carries both
    values as `clashes`. During a supplement only the fields asked for change, and those that follow from them.
    """
    application = owned(session, application_id, actor, "application.edit")
    reopened = _reopened(session, application)
    latest = dossiers.latest(session, application)
    seen = latest if base == latest.version else dossiers.version(session, application, base)
    before = dict(latest.content.get(section) or {})
    names = {f.name for f in SECTION[section].fields}
    allowed = names if reopened is None else {name for name in names if f"{section}.{name}" in reopened}
    mine = {name: value for name, value in values.items() if name in allowed}
    merged = merging.merge(dict(seen.content.get(section) or {}) if seen else {}, mine, before)
    if merged.clashes:
        raise Stale("dossier.stale", n=latest.version, clashes=merged.clashes, joined=before | dict(merged.values))
    if not merged.values:
        return latest
    content = {**latest.content, section: before | dict(merged.values)}
    saved = _add_version(session, application, content, actor, now, changed=[f"{section}.{name}" for name in merged.values])
    suggestions.ask(session, application, content, now=now)
    return saved


def choose_field(session: Session, application_id: str, code: str, rank: int, *, actor: Actor, now: datetime) -> DossierVersion:
    """Take a sub-field over into a rank: whatever stood there moves to the rank the code had, if it had one, or down."""
    application = owned(session, application_id, actor, "application.edit")
    if code not in all_fields() or rank not in RANKS:
        raise Invalid("dossier.unknown_choice", problems={"classification.field_1": "dossier.unknown_choice"})
    latest = dossiers.latest(session, application)
    chosen = [str(dossier.value(latest.content, f"classification.field_{n}") or "") for n in RANKS]
    if code in chosen:
        chosen[chosen.index(code)], chosen[rank - 1] = chosen[rank - 1], code
    else:
        chosen.insert(rank - 1, code)
    ranked = [*(held for held in chosen if held), "", "", ""][: len(RANKS)]
    values = {f"field_{n}": held for n, held in zip(RANKS, ranked, strict=True)}
    return save(session, application_id, "classification", values, base=latest.version, actor=actor, now=now)


def add_file(
    session: Session,
    application_id: str,
    *,
    slot: str,
    stream: BinaryIO,
    name: str,
    files: Files,
    actor: Actor,
    now: datetime,
) -> DossierFile:
    """Put a file in a slot: its type is found by content and must agree with its name; the same file twice stays one."""
    application = receiving(session, application_id, slot, actor)
    taken = intake.take(Sent(stream, name), files=files, limit=limit_of(application))
    for held in dossiers.live_files(session, application):
        if held.slot == slot and held.sha256 == taken.sha256:
            return held
    row = DossierFile(
        application_id=application.id,
        slot=slot,
        sha256=taken.sha256,
        name=taken.name,
        kind=taken.kind,
        size=taken.size,
        by_id=actor.account_id,
        added_at=now,
    )
    session.add(row)
    session.flush()
    readings.ask(session, taken.sha256, taken.kind, now=now)
    return row


def remove_file(session: Session, application_id: str, file_id: str, *, actor: Actor, now: datetime) -> None:
    """Take a file out of the draft; what was filed with it stays filed."""
    application = owned(session, application_id, actor, "application.edit")
    reopened = _reopened(session, application)
    for held in dossiers.live_files(session, application):
        if held.public_id == file_id and (reopened is None or held.slot in reopened):
            held.removed_at = now
            return
    raise NotFound("not_found")


def submit(
    session: Session,
    application_id: str,
    *,
    base: int,
    pledged: bool,
    actor: Actor,
    now: datetime,
) -> DossierVersion:
    """File the dossier as it was previewed, once: whoever comes second is given the filing that stands.

    Content and the digests of all files are pinned here; the bundle of their bytes, whose digest the receipt states, is owed.
    """
    application = owned(session, application_id, actor, "application.file")
    latest = dossiers.latest(session, application)
    if latest.filed and application.status in ("submitted", "eligibility"):
        return latest
    if base != latest.version:
        raise Stale("dossier.changed_since_preview", n=latest.version)
    if not pledged:
        raise Invalid("dossier.pledge_missing", problems={"pledged": "dossier.pledge_missing"})
    application.submitted_at = now
    filed = _file(session, application, latest.content, actor, now)
    door.advance(
        session,
        application,
        "submitted",
        actor=actor,
        now=now,
        data={"version": filed.version, "digest": filed.digest, "files": len(filed.files)},
    )
    _owe_receipt(session, application, filed, now)
    return filed


def take_back(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """Before closing a filed dossier becomes a draft again; what was filed stays on record."""
    application = owned(session, application_id, actor, "application.file")
    door.advance(session, application, "draft", actor=actor, now=now)
    application.submitted_at = None


def withdraw(session: Session, application_id: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """End the application; until the eligibility check is over."""
    application = owned(session, application_id, actor, "application.file")
    door.advance(session, application, "withdrawn", actor=actor, now=now, reason=reason)


def revive(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """What was withdrawn becomes a draft again, as long as the call takes dossiers and allows it; to count it is filed anew."""
    application = owned(session, application_id, actor, "application.file")
    door.advance(session, application, "draft", actor=actor, now=now)
    application.submitted_at = None


def date_file(session: Session, application_id: str, file_id: str, issued_on: date | None, *, actor: Actor, now: datetime) -> None:
    """The day on a document of a slot that asks for it; none after closing where the call judges by it."""
    application = owned(session, application_id, actor, "application.edit")
    reopened = _reopened(session, application)
    held = next((f for f in dossiers.live_files(session, application) if f.public_id == file_id), None)
    if held is None or not SLOT[held.slot].dated or (reopened is not None and held.slot not in reopened):
        raise NotFound("not_found")
    closing_on = window.of(application.call).closing_on
    if issued_on is not None and issued_on > today_kst(now):
        raise Invalid("file.dated_in_future", issued_on=issued_on)
    if issued_on is not None and issued_on > closing_on and "E18" in rules.from_json(application.call.rules).eligibility_on:
        raise Invalid("file.dated_after_closing", closing_on=closing_on, issued_on=issued_on)
    held.issued_on = issued_on


def answer_supplement(session: Session, application_id: str, *, actor: Actor, now: datetime) -> DossierVersion:
    """File what was asked for: a new filed version, judged anew. Until the supplement's own time is over."""
    application = owned(session, application_id, actor, "application.file")
    asked = dossiers.open_supplement(session, application)
    if asked is None:
        raise WrongStage("supplement.none_open")
    if asked.due_at <= now:
        raise WrongStage("supplement.over", due_at=asked.due_at)
    held = ((f.slot, f.sha256) for f in dossiers.live_files(session, application) if f.slot in asked.items)
    if stopped := [p for p in readings.problems(session, held) if p.hard]:
        raise Invalid("supplement.file_stopped", n=len(stopped))
    filed = _file(session, application, dossiers.latest(session, application).content, actor, now)
    asked.answered_at = now
    door.advance(
        session,
        application,
        "eligibility",
        actor=actor,
        now=now,
        data={"version": filed.version, "digest": filed.digest},
    )
    outbox.promise(
        session,
        "screen",
        key=f"screen:{application.public_id}:{asked.number + 1}",
        args={"application": application.public_id},
        now=now,
    )
    _owe_receipt(session, application, filed, now)
    return filed


def owned(session: Session, application_id: str, actor: Actor, verb: str) -> Application:
    """The application, if the actor may do `verb` to it; somebody else's does not exist."""
    row = dossiers.find(session, application_id, lock=True)
    permissions.require(actor, verb, row)
    return row


def receiving(session: Session, application_id: str, slot: str, actor: Actor) -> Application:
    """The actor's application, if it takes files in this slot now: a draft in all, a supplement in those asked for."""
    application = owned(session, application_id, actor, "application.edit")
    reopened = _reopened(session, application)
    if slot not in SLOT or slot == "D01" or (reopened is not None and slot not in reopened):
        raise Invalid("dossier.slot_closed", problems={slot: "dossier.slot_closed"}, slot=slot)
    return application


def limit_of(application: Application) -> int:
    """How many bytes one file of it may have."""
    return dossier.file_mb(rules.from_json(application.call.rules).extra) << 20


def _reopened(session: Session, application: Application) -> frozenset[str] | None:
    """None: everything may change (a draft). Otherwise the fields and slots a supplement reopened."""
    if application.status == "draft":
        return None
    asked = dossiers.open_supplement(session, application)
    if asked is None:
        raise WrongStage("dossier.not_open", status=application.status)
    return dossier.reopened(asked.items)


def _add_version(
    session: Session,
    application: Application,
    content: dict[str, Any],
    actor: Actor,
    now: datetime,
    *,
    filed: Sequence[Mapping[str, Any]] | None = None,
    changed: Sequence[str] = (),
) -> DossierVersion:
    """The next version. What counts moves along with it, except while a supplement is being written."""
    last = session.execute(
        select(func.max(DossierVersion.version)).where(DossierVersion.application_id == application.id)
    ).scalar_one()
    row = DossierVersion(
        application_id=application.id,
        version=(last or 0) + 1,
        content=content,
        digest=journal.sha256({"content": content, "files": list(filed or [])}),
        filed=filed is not None,
        files=list(filed or []),
        changed=list(changed),
        by_id=actor.account_id,
        at=now,
    )
    session.add(row)
    if filed is not None or application.status == "draft":
        application.dossier_version = row.version
        application.title = dossier.title(content)[:300]
        application.field_1 = _field_code(content, "field_1")
        application.field_2 = _field_code(content, "field_2")
    session.flush()
    return row


def _file(session: Session, application: Application, content: Mapping[str, Any], actor: Actor, now: datetime) -> DossierVersion:
    files = [
        {
            "id": f.public_id,
            "slot": f.slot,
            "name": f.name,
            "sha256": f.sha256,
            "size": f.size,
            "kind": f.kind,
            **({"issued_on": f.issued_on.isoformat()} if f.issued_on else {}),
        }
        for f in dossiers.live_files(session, application)
    ]
    return _add_version(session, application, dict(content), actor, now, filed=files)


def _owe_receipt(session: Session, application: Application, filed: DossierVersion, now: datetime) -> None:
    """The bytes of all files are gone through by a worker: 200 people filing in one minute wait for nothing but this row."""
    args = {"application": application.public_id, "version": filed.version}
    outbox.promise(session, "bundle", key=f"bundle:{application.public_id}:{filed.version}", args=args, now=now)


def _organisation(session: Session, actor: Actor) -> Organisation:
    """The company the applicant acts for; the first one where somebody acts for several."""
    found = session.get(Organisation, min(actor.organisation_ids)) if actor.organisation_ids else None
    if found is None:
        raise Invalid("dossier.no_company")
    return found


def _known(organisation: Organisation) -> dict[str, dict[str, Any]]:
    company = {"name": organisation.name, "address": organisation.address, "size": organisation.size}
    if organisation.registration_no:
        company["business_no"] = organisation.registration_no
    return {"company": {name: text for name, text in company.items() if text}}


def _field_code(content: Mapping[str, Any], name: str) -> str:
    code = str(dossier.value(content, f"classification.{name}") or "")
    return code if len(code) == 3 else ""
