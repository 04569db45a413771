"""Letters to invited experts, and the sweeps when their time to answer or to sign is over."""

from __future__ import annotations

from sqlalchemy import select

from app import clock
from app.jobs.job import Job
from app.models.people import Account
from app.models.reviews import Invitation
from app.stages import invitations, people
from app.workflow.actors import OPERATOR


def write_letter(job: Job) -> None:
    """An expert without an account gets one first, so that the letter's page can be opened."""
    with job.effect() as session:
        now = clock.now(session)
        letter = session.execute(select(Invitation).where(Invitation.public_id == job.args["invitation"])).scalar_one()
        expert = letter.expert
        known = session.execute(select(Account.id).where(Account.person_id == expert.person_id)).first()
        if known is None and expert.mail:
            people.invite(
                session,
                name=expert.person.name,
                mail_address=expert.mail,
                role="panellist",
                actor=OPERATOR,
                now=now,
                base_url=job.config.base_url,
                language=expert.language,
                person_id=expert.person_id,
            )
        invitations.write_letter(session, letter.public_id, now=now, base_url=job.config.base_url)


def sweep(job: Job) -> None:
    """At the end of the reply time; a letter answered meanwhile is left as it is."""
    with job.effect() as session:
        invitations.expire(session, job.args["invitation"], now=clock.now(session))


def sweep_pledge(job: Job) -> None:
    """At the end of the time to sign; a letter signed meanwhile is left as it is."""
    with job.effect() as session:
        invitations.lapse(session, job.args["invitation"], now=clock.now(session), base_url=job.config.base_url)
