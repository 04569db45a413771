"""The accounts of the demonstration: one or two people for every role, invented, signing in at `ppir.example`.

Two coordinators, two procurement officers and two committee members, because some moves need a second person of the
same role. Panellists are tied to experts of the pool when the call is put together.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.dossiers import SEVERAL
from app.demo.institutions import Organisation, bodies_of, companies
from app.demo.words import En, Ko, Pair


@dataclass(frozen=True)
class Role:
    """A role and the organisation it is held for, if any; names as in app.workflow.actors."""

    name: str
    organisation: Organisation | None = None


@dataclass(frozen=True)
class DemoAccount:
    """`key` is the part of the sign-in name before the @."""

    key: str
    name: Pair
    language: str
    roles: tuple[Role, ...]
    does: Pair  # what to try with this account, for the list that the demonstration prints

    @property
    def mail(self) -> str:
        return f"{self.key}@ppir.example"


def _account(key: str, name: str, language: str, roles: tuple[Role, ...], does: str) -> DemoAccount:
    ko, en = name.split(" | ")
    return DemoAccount(key, Pair(Ko(ko), En(en)), language, roles, Pair.read(does))


def accounts() -> tuple[DemoAccount, ...]:
    """Everybody who can sign in, in the order of the process."""
    fire, hospital = bodies_of("fire")[0], bodies_of("hospital")[1]
    applicant = companies(SEVERAL[0])[SEVERAL[1]]
    return (
        _account(
            "applicant",
            "노하은 | Haeun Noh",
            "ko",
            (Role("applicant", applicant),),
            "여러 제품의 신청과 결과 보기 | Several applications and their results",
        ),
        _account(
            "coordinator",
            "차민서 | Minseo Cha",
            "ko",
            (Role("coordinator"),),
            "공고, 요건심사, 위원 선정, 결정 | Calls, eligibility, matching, decisions",
        ),
        _account(
            "coordinator2",
            "탁지원 | Jiwon Tak",
            "en",
            (Role("coordinator"),),
            "두 번째 사람의 확인이 필요한 일 | Moves that need a second person",
        ),
        _account(
            "panellist",
            "표도윤 | Doyun Pyo",
            "ko",
            (Role("panellist"),),
            "초대에 답하고 평가표 작성 | Answer invitations, fill in score sheets",
        ),
        _account(
            "panellist2",
            "Marta Ellingsen | Marta Ellingsen",
            "en",
            (Role("panellist"),),
            "영어로 평가하는 위원 | A panellist working in English",
        ),
        _account(
            "panellist3",
            "길예진 | Yejin Gil",
            "ko",
            (Role("panellist"), Role("institution", hospital)),
            "역할이 둘인 위원 | A panellist with two roles",
        ),
        _account(
            "procurement",
            "봉시우 | Siwoo Bong",
            "ko",
            (Role("procurement"),),
            "조달적합성 검토와 시범구매 | Fitness review and pilot purchase",
        ),
        _account(
            "procurement2",
            "선우린 | Rin Sunwoo",
            "en",
            (Role("procurement"),),
            "조달 담당의 두 번째 확인 | Second person of procurement",
        ),
        _account("committee", "맹승현 | Seunghyun Maeng", "ko", (Role("committee"),), "심의 자료와 의결 | Bundles and decisions"),
        _account(
            "committee2",
            "도경아 | Kyungah Do",
            "en",
            (Role("committee"),),
            "위원회의 두 번째 확인 | Second member of the committee",
        ),
        _account(
            "fire",
            "편재훈 | Jaehoon Pyeon",
            "ko",
            (Role("institution", fire),),
            "제품을 찾고 시범사용 신청 | Find products, request a pilot",
        ),
        _account(
            "hospital", "감수진 | Sujin Kam", "en", (Role("institution", hospital),), "시범사용 결과 보고 | Report on pilot use"
        ),
        _account(
            "auditor", "국태영 | Taeyoung Kook", "ko", (Role("auditor"),), "기록 조회와 추첨 재현 | Read the journal, replay draws"
        ),
        _account(
            "admin",
            "모은솔 | Eunsol Mo",
            "ko",
            (Role("administrator"),),
            "계정, 역할, 전자우편, 작업 | Accounts, roles, mail, jobs",
        ),
    )
