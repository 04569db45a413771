"""The panel finds its words: the rapporteur writes them paragraph by paragraph, the members approve or object to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app import journal
from app.errors import Invalid, NotAllowed, Stale, WrongStage
from app.models.deliberations import Deliberation, Paragraph, Stance
from app.workflow import deliberations, door, duties
from app.workflow.actors import Actor
from app.workflow.deliberations import ALARMS
from scoring.rubric import load

TEXT_MOST = 10_000


def draft(
    session: Session,
    application_id: str,
    texts: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> Deliberation:
    """The rapporteur (or the chair) writes paragraphs; each that changed is a new version, and a new text is unconfirmed.

    `seen`: the version each was written over; somebody else's newer one is not overwritten.
    """
    application, seat = deliberations.seat_in(session, application_id, actor, "deliberation.draft")
    if duties.of(session, seat.panel, application).get(seat.id) not in ("rapporteur", "chair"):
        raise NotAllowed("deliberation.not_rapporteur")
    deliberations.now_on(application)
    order = deliberations.topics(load(application.call.rubric))
    unknown = [topic for topic in texts if topic not in order]
    if unknown:
        raise Invalid("deliberation.topic_unknown", problems=dict.fromkeys(unknown, "deliberation.topic_unknown"))
    if too_long := {topic: "sheet.text_too_long" for topic, text in texts.items() if len(text) > TEXT_MOST}:
        raise Invalid("sheet.text_too_long", problems=too_long)
    said = deliberations.of(session, application)
    stand = deliberations.newest(said)
    changed = [t for t in order if t in texts and texts[t].strip() != (stand[t].text if t in stand else "")]
    for topic in changed:
        number = stand[topic].number if topic in stand else 0
        if seen is not None and seen.get(topic, 0) != number:
            raise Stale("deliberation.paragraph_stale")
        said.paragraphs.append(
            Paragraph(topic=topic, number=number + 1, text=texts[topic].strip(), by_id=actor.account_id, at=now)
        )
    if not changed:
        return said
    session.flush()
    session.refresh(said, ["paragraphs"])
    stand = deliberations.newest(said)
    said.text = "\n\n".join(stand[t].text for t in order if t != ALARMS and t in stand and stand[t].text)
    said.alarms_note = stand[ALARMS].text if ALARMS in stand else ""
    said.drafted_by_id, said.drafted_at, said.confirmed_by_id, said.confirmed_at = actor.account_id, now, None, None
    door.record(
        session,
        application,
        "deliberation.drafted",
        actor=actor,
        role="panellist",
        now=now,
        data={
            "text_sha256": journal.sha256(said.text),
            "alarms_sha256": journal.sha256(said.alarms_note),
            "paragraphs": len(changed),
        },
    )
    return said


def answer(
    session: Session, application_id: str, *, digest: str, approves: bool, reason: str = "", actor: Actor, now: datetime
) -> Stance:
    """A member who is there approves, or objects with a reason, to exactly the text that was shown: `digest` names it."""
    application, seat = deliberations.seat_in(session, application_id, actor, "deliberation.answer")
    deliberations.now_on(application)
    said = deliberations.of(session, application)
    deliberations.require_there(said, seat)
    if not said.text:
        raise WrongStage("guard.consensus_missing")
    if digest != deliberations.text_digest(said.text, said.alarms_note):
        raise WrongStage("deliberation.text_changed")
    if not approves and not reason.strip():
        raise Invalid("deliberation.reason_missing", problems={"reason": "deliberation.reason_missing"})
    if len(reason) > TEXT_MOST:
        raise Invalid("sheet.text_too_long", problems={"reason": "sheet.text_too_long"})
    said.confirmed_by_id, said.confirmed_at = None, None  # confirmed is what everybody answered
    stance = Stance(seat_id=seat.id, digest=digest, approves=approves, reason=reason.strip(), at=now)
    said.stances.append(stance)
    door.record(
        session,
        application,
        "deliberation.answered",
        actor=actor,
        role="panellist",
        now=now,
        data={"approves": approves, "text_sha256": journal.sha256(said.text), "reason_sha256": journal.sha256(reason.strip())},
    )
    return stance
