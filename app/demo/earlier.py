"""What was designated three years ago: its call in short, a specification added since, and extensions asked for now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import KST
from app.demo import cast, decided, filed, papers, reviewed
from app.demo.cases import case
from app.demo.dossiers import dossiers
from app.demo.experts import experts
from app.demo.stage import MAIN, PAST, Stage
from app.demo.vocabulary_file import sub_fields
from app.documents.intake import Sent
from app.models.applications import Application
from app.models.designations import Designation
from app.stages.designation_requests import deciding, filing

CLOSED_AGO = 1060  # designated 110 days later: the term of three years ends in some 146 days
GOOD = (("F08", 1), ("F13", 0))  # (sub-field, product idea): the first belongs to the company of the applicant's account
REFUSED = ("F02", 0)
STRONG, WEAK = {"C1": 4.3, "C2": 4.2, "C3": 4.4, "C4": 4.2}, {"C1": 2.3, "C2": 2.6, "C3": 2.4, "C4": 2.5}


def without(invented: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The dossiers of the calls of this year: a product is not filed again."""
    names = {_name(idea) for idea in (*GOOD, REFUSED)}
    return [d for d in invented if d["product"]["name_ko"] not in names]


def call_of_three_years_ago(stage: Stage, n_experts: int) -> list[str]:
    """From filing to the list, with few dossiers; returns the applications that were designated."""
    past = replace(stage, call_ids={}, rng=Random("earlier"), closed_ago=CLOSED_AGO)
    opens, closes = past.ago(CLOSED_AGO + 40, 9), past.ago(CLOSED_AGO, 18)
    year = opens.astimezone(KST).year
    filed.open_call(
        past,
        PAST,
        f"{year}년 제1차 우수연구개발 혁신제품 지정 공고 (가상)",
        f"First call {year} for innovative products of public R&D (fictitious)",
        opens,
        closes,
    )
    stage.call_ids[PAST] = past.call_ids[MAIN] = past.call_ids[PAST]
    invented = _invented(past, n_experts)
    with stage.database.write() as session:
        cast.add_companies(session, stage.cast, invented, past.ago(CLOSED_AGO + 30))
    applications = filed.check_eligibility(past, filed.file_dossiers(past, invented), keep=0)
    return _to_the_list(past, applications)


def add_a_model(stage: Stage, application_id: str) -> None:
    """A year ago a model was added to what had been designated; the list carried it the same day."""
    model = stage.dossiers[application_id]["product"]["models"][0]
    text = _said(stage, application_id, "addition", "request")
    entered = {"nature": "addition", "models": f"{model}N", "item_ids": "", "text": text}
    request_id = _file(stage, application_id, "change", entered, 420)
    with stage.database.write() as session:
        deciding.take_up(session, request_id, actor=stage.staff("coordinator"), now=stage.ago(415))
    _approve(stage, request_id, "addition", "coordinator", 406)
    _approve(stage, request_id, "addition", "coordinator2", 405)
    decided.publish_list(stage, 405)


def ask_for_extensions(stage: Stage, designated: Sequence[str]) -> None:
    """Both terms end soon: one request waits to be taken up, the other for its second person."""
    for n, application_id in enumerate(designated):
        text = _said(stage, application_id, "extension", "request")
        request_id = _file(stage, application_id, "extension", {"text": text}, 12 + 10 * n)
        if n:
            with stage.database.write() as session:
                deciding.take_up(session, request_id, actor=stage.staff("coordinator"), now=stage.ago(9))
            _approve(stage, request_id, "extension", "coordinator", 2)


def _invented(past: Stage, n_experts: int) -> list[dict[str, Any]]:
    """The same products as the generator knows, with projects and certificates of their time."""
    closing = (past.now - timedelta(days=CLOSED_AGO)).astimezone(KST).date()
    by_name = {d["product"]["name_ko"]: d for d in dossiers(closing=closing, pool=list(experts(n=n_experts)))}
    return [by_name[_name(idea)] | {"quality": STRONG} for idea in GOOD] + [by_name[_name(REFUSED)] | {"quality": WEAK}]


def _to_the_list(past: Stage, applications: list[str]) -> list[str]:
    ago = CLOSED_AGO
    filed.admit(past, applications, ago - 5)
    reviewed.match_and_deploy(past, ago - 6)
    reviewed.invite(past, ago - 7)
    reviewed.answer(past, ago - 8)
    reviewed.start_full_panels(past, ago - 9)
    reviewed.start_short_panels(past, ago - 10)
    reviewed.score(past, ago - 15)
    reviewed.calibrate(past, ago - 17)
    ended = reviewed.deliberate(past, applications, ago - 20)
    good = sorted(ended["recommended"], key=applications.index)
    decided.refuse(past, ended["not_recommended"], ago - 22)
    decided.to_fitness(past, good, ago - 22)
    decided.pass_fitness(past, good, ago - 26)
    decided.publish_notice(past, good, ago - 30)
    decided.committee(past, dict.fromkeys(good, "designated"), [], ago - 110)
    decided.publish_list(past, ago - 111)
    return good


def _approve(stage: Stage, request_id: str, area: str, key: str, days_ago: float) -> None:
    words = case(area, "granted")
    with stage.database.write() as session:
        deciding.approve(
            session,
            request_id,
            text_ko=str(words.ko),
            text_en=str(words.en),
            actor=stage.staff(key),
            now=stage.ago(days_ago),
            base_url=stage.base_url,
        )


def _file(stage: Stage, application_id: str, kind: str, entered: dict[str, str], days_ago: float) -> str:
    name, content = papers.paper("D07", stage.dossiers[application_id])
    with stage.database.write() as session:
        return filing.file(
            session,
            _designation_of(session, application_id),
            kind,
            entered=entered,
            evidence=[Sent(BytesIO(content), name)],
            files=stage.files,
            actor=stage.company(application_id),
            now=stage.ago(days_ago),
        ).public_id


def _said(stage: Stage, application_id: str, area: str, name: str) -> str:
    text = case(area, name, product=stage.product(application_id))
    return str(text.ko if stage.dossiers[application_id]["language"] == "ko" else text.en)


def _designation_of(session: Session, application_id: str) -> str:
    designated = select(Designation.public_id).join(Application, Application.id == Designation.application_id)
    return session.execute(designated.where(Application.public_id == application_id)).scalar_one()


def _name(idea: tuple[str, int]) -> str:
    code, i = idea
    return str(next(f for f in sub_fields() if f.code == code).products[i].name.ko)
