"""What the form offers to choose from, each list with its words in both languages."""

from __future__ import annotations

from app.documents.fields import Choice, choices
from reviewers.fields import all_fields

SIZES = choices("sme | 중소기업 | Small or medium-sized", "mid | 중견기업 | Mid-sized", "large | 대기업 | Large")
MINISTRIES = choices(
    "MSIT | 과학기술정보통신부 | Ministry of Science and ICT",
    "MOTIE | 산업통상부 | Ministry of Trade, Industry and Resources",
    "MSS | 중소벤처기업부 | Ministry of SMEs and Startups",
    "OTHER | 그 밖의 부처 | Another ministry",
)
RESULTS = choices("success | 성공(완료) | Success", "fail | 실패(중단) | Failed or stopped", "running | 진행 중 | Still running")
LINKS = choices(
    "own | 직접 수행 | Carried out by the applicant",
    "transfer | 기술이전(계약) | Technology transfer by contract",
    "licence | 통상실시권 | Non-exclusive licence",
    "joint | 공동 연구 참여 | Joint research",
)
IP_KINDS = choices(
    "patent | 특허 | Patent",
    "utility | 실용신안 | Utility model",
    "design | 디자인 | Design",
    "software | 프로그램 등록 | Software registration",
)
UNITS = choices(
    "ea | 개 | piece",
    "set | 세트 | set",
    "system | 식 | system",
    "licence | 라이선스 | licence",
    "month | 월(구독) | month (subscription)",
)
CERTIFICATES = choices(
    "KC | KC 인증 | KC",
    "radio | 전파 적합성평가 | Radio conformity",
    "medical | 의료기기 허가·인증 | Medical device approval",
    "CSAP | 클라우드 보안인증(CSAP) | Cloud security (CSAP)",
    "GS | GS 인증 | Good Software (GS)",
    "NET | 신기술(NET) | New technology (NET)",
    "NEP | 신제품(NEP) | New product (NEP)",
    "test_report | 공인시험성적서 | Accredited test report",
    "other | 그 밖 | Other",
)
STATUTORY = ("KC", "radio", "medical", "CSAP", "GS")  # what slot D08 asks for
LIMITED = ("CSAP", "medical", "NET", "NEP")  # these end some day: until when must be said
DELIVERIES = choices(
    "installed | 구축형 | Installed at the institution",
    "service | 구독형(SaaS) | Subscription (SaaS)",
    "embedded | 장비에 내장 | Built into equipment",
)
PROVIDERS = choices(
    "university | 대학 | University",
    "institute | 공공연구기관 | Public research institute",
    "company | 기업 | Company",
)
PLEDGES = choices("yes | 예 | Yes", "no | 아니요 | No")
INTERESTS = choices(
    "researcher | 참여연구자 | Researcher of the project",
    "inventor | 발명자 | Inventor",
    "officer | 임원 | Officer",
    "employee | 직원 | Employee",
    "shareholder | 주주 | Shareholder",
    "other | 그 밖 | Other",
)


def sub_fields() -> tuple[Choice, ...]:
    return tuple(Choice(f.code, f"{f.code} {f.ko}", f"{f.code} {f.en}") for f in all_fields().values())
