"""One application from the announcement of its call to a measured pilot, told by the people who handle it.

Read it from top to bottom: each chapter is what somebody does on the pages, in the order of the process. It is told
twice, in Korean and in English; button and field names are given in English and looked up in the language of the telling.
"""

from __future__ import annotations

import re
from datetime import timedelta

from app.clock import KST
from tests import dossiers
from tests.story.visitor import Visitor
from tests.story.world import World, pool

TITLES = {"ko": "2027년 1차 혁신제품 지정 공고", "en": "First call of 2027 for innovative products"}
NAMES = {"ko": "위원", "en": "Expert"}
PRODUCT = "구조 드론"  # as its company named it, whatever language the reader works in
PUBLISHED = {"ko": PRODUCT, "en": "Rescue drone"}  # as the public reads it
TOPICS = [
    ("연기 속 사람을 찾는 열화상 드론", "열화상과 레이더를 함께 써서 연기 속에서 사람을 찾는 구조 드론의 수색 시간을 줄인다"),
    ("재난 현장 드론의 자율 비행", "무너진 건물에서 드론이 길을 찾고 사람을 구조하는 제어 방법"),
    ("소방용 드론의 열화상 판독", "소방서가 쓰는 드론의 열화상 영상에서 사람을 찾는다"),
    ("구조 드론의 시장과 수요", "소방서와 해양경찰의 드론 수요와 시장 규모"),
    ("드론 레이더 신호 처리", "레이더 신호로 연기 뒤의 사람을 찾는 드론"),
    ("공공 조달과 드론", "소방 드론의 공공 조달과 시범 사용"),
]


def test_one_application_from_call_to_outcome(world: World) -> None:
    coordinator = world.staff("coordinator", "차민서")
    officer = world.staff("procurement", "봉시우")
    call_a_round(world, coordinator)
    applicant = a_company_registers(world)
    write_a_dossier(world, applicant)
    submit_it(world, applicant)
    close_the_call(world, coordinator)
    check_eligibility(world, coordinator)
    bring_experts(world, coordinator)
    match(world, coordinator)
    panellists = invite(world, coordinator)
    score(world, panellists)
    calibrate(world, coordinator)
    deliberate(world, coordinator, panellists)
    review_fitness(officer)
    give_notice(world, coordinator)
    decide(world, coordinator)
    number = verify(world)
    publish_the_list(world, coordinator, officer)
    institution = world.staff("institution", "편재훈", organisation="가상소방본부")
    ask_for_a_pilot(institution)
    match_the_pilot(world, officer, institution)
    carry_out_the_pilot(world, officer, institution)
    follow_it_to_the_end(world, applicant, number)


def call_a_round(world: World, coordinator: Visitor) -> None:
    """A coordinator sets up a call: when it is open, how panels are made, what is asked. Then it opens."""
    coordinator.reads("No call yet")
    coordinator.follow("Create a call")
    coordinator.fill("Code of the call", "PPIR-2027-1")
    coordinator.fill("Title in Korean", TITLES["ko"])
    coordinator.fill("Title in English", TITLES["en"])
    coordinator.fill("Applications from (Korean time)", world.now.astimezone(KST).strftime("%Y-%m-%dT%H:%M"))
    closes = world.now + timedelta(days=30)
    coordinator.fill("Applications until (Korean time)", closes.astimezone(KST).strftime("%Y-%m-%dT%H:%M"))
    for rule, value in {"panel_seats": "3", "quorum": "3", "pass_mark": "70.00"}.items():
        coordinator.enter(f"rule-{rule}", value)
    for kind in ("technology", "market", "procurement"):
        coordinator.enter(f"quota-seat_type-{kind}-least", "")
    coordinator.press("Save as draft")
    coordinator.reads("The call is a draft. Check its rules, then open it.")
    coordinator.sees(TITLES[world.language])
    coordinator.press("Open the call")
    coordinator.reads("The call is open; companies can apply until it closes.")


def a_company_registers(world: World) -> Visitor:
    """A company asks for an account on the public page; the letter's link proves the address."""
    visitor = world.visitor()
    visitor.open("/")
    visitor.follow("Sign in")
    visitor.follow("Register a company")
    visitor.fill("Company", "가상로봇")
    visitor.fill("Business registration number", "380-81-00318")
    visitor.fill("Your name", "홍길동")
    visitor.fill("Mail address", "hong@robot.example")
    visitor.press("Send me the link")
    world.work()
    applicant = world.come_by_letter("hong@robot.example", "PPIR")
    applicant.reads("No dossiers yet")
    return applicant


def write_a_dossier(world: World, applicant: Visitor) -> None:
    """The dossier is written page by page; what is missing is counted until nothing is left."""
    applicant.follow("Start a dossier", beside="PPIR-2027-1")
    applicant.press("Start a dossier")
    for answers in dossiers.FULL.values():
        for name, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for column, text in value[0].items():
                    applicant.enter(f"{name}.{column}", text)
            elif isinstance(value, list) and value:
                applicant.enter(name, ", ".join(value))
            elif value not in (False, []):
                applicant.enter(name, str(value))
        applicant.press("Save and next")
    applicant.reads("No file yet")
    for slot in ("D02", "D03"):
        applicant.attach("file", f"{slot}.pdf", dossiers.pdf(slot), beside=slot)
        applicant.press("Add", beside=slot)
        applicant.sees(f"{slot}.pdf")
    applicant.reads("Being read")
    world.work()


def submit_it(world: World, applicant: Visitor) -> None:
    """The preview shows what panellists will read; the pledge is signed; a receipt names the digest of what was filed."""
    applicant.follow("Preview")
    applicant.reads("What panellists see")
    applicant.sees(PRODUCT)
    applicant.press("Submit", status=422)
    applicant.enter("pledged", "yes")
    applicant.press("Submit")
    applicant.reads("Receipt of filing")
    applicant.sees("D-0001", "D02.pdf")
    world.work()
    assert "D-0001" in world.letter("hong@robot.example", "D-0001")
    applicant.follow("Follow the application")
    applicant.reads("Progress of this application")


def close_the_call(world: World, coordinator: Visitor) -> None:
    """Time goes by; the call closes by itself and the rules are run on every dossier."""
    world.pass_time(days=30, minutes=5)
    coordinator.follow("Calls")
    coordinator.follow_name(TITLES[world.language])
    coordinator.follow("Eligibility")


def check_eligibility(world: World, coordinator: Visitor) -> None:
    """What no rule can settle alone is settled by a person, with a reason; then the application is admitted."""
    coordinator.follow_name(PRODUCT)
    for _ in range(10):
        open_rules = re.findall(r"E\d\d", coordinator.page.text.partition(coordinator.words("Decide"))[2][:120])
        if not open_rules:
            break
        coordinator.answer(f"{open_rules[0]}-pass")
        coordinator.answer(f"{open_rules[0]}-note", "제출 서류로 확인함")
        coordinator.press("Settle", beside=open_rules[0])
    coordinator.press("Admit")
    coordinator.follow("Eligibility")
    coordinator.reads("All done")


def bring_experts(world: World, coordinator: Visitor) -> None:
    """A file of experts comes in through the import page."""
    coordinator.follow("Import")
    coordinator.enter("kind", "experts")
    coordinator.attach("file", "experts.jsonl", pool(TOPICS, world.language))
    coordinator.press("Import")
    world.work()
    coordinator.open(coordinator.url)
    coordinator.sees("experts.jsonl", "6")


def match(world: World, coordinator: Visitor) -> None:
    """A run proposes a panel with its reasons; the coordinator reads it and lets it stand."""
    coordinator.follow("Calls")
    coordinator.follow_name(TITLES[world.language])
    coordinator.follow("Matching")
    coordinator.press("Run matching")
    coordinator.reads("The run is ordered. A worker takes it up in a moment.")
    world.work()
    coordinator.open(coordinator.url)
    coordinator.follow_name(PRODUCT)
    coordinator.sees("드론")
    coordinator.open(coordinator.url.partition("/panels/")[0])
    coordinator.follow("Deploy")
    coordinator.fill("Type to confirm", "PPIR-2027-1 1")
    coordinator.press("Deploy")
    coordinator.reads("The panels stand. Next: invite the experts.")


def invite(world: World, coordinator: Visitor) -> list[Visitor]:
    """The letters go out; each expert sets a password, declares about conflicts, accepts and signs the pledge."""
    coordinator.follow("Panels")
    coordinator.press("Invite %(n)s experts", n=3)
    world.work()
    seated = [n for n in range(1, len(TOPICS) + 1) if world.letters(f"expert{n}@university.example")]
    assert len(seated) == 3
    panellists = [answer(world, f"expert{n}@university.example") for n in seated]
    coordinator.follow("Panels")
    coordinator.follow("Show", beside=PRODUCT)
    for n, (ko, en) in zip(seated, (("위원장", "Chair"), ("간사위원", "Rapporteur")), strict=False):
        name = f"{NAMES[world.language]} {n}"
        coordinator.choose({"ko": ko, "en": en}[world.language], beside=name)
        coordinator.press("Assign", beside=name)
        coordinator.reads("The duty is assigned.")
    coordinator.press("Start scoring")
    coordinator.reads("The panel has started; its members see their sheets.")
    return panellists


def answer(world: World, mail: str) -> Visitor:
    panellist = world.come_by_letter(mail, {"ko": "계정", "en": "account"}[world.language])
    panellist.reads("My reviews")
    panellist.follow("Read and answer")
    panellist.sees(PRODUCT, "가상로봇")
    panellist.press("Accept", status=422)
    for field in panellist.page.all("input"):
        if field.attrs.get("name", "").startswith("conflict."):
            panellist.enter(field.attrs["name"], "no")
            break
    panellist.press("Accept")
    panellist.tick("I have read the pledge and will keep it.")
    panellist.press("Sign the pledge")
    panellist.reads("Your pledge is signed.")
    return panellist


def score(world: World, panellists: list[Visitor]) -> None:
    """Each judges alone: a mark for every item, a reason where the rubric asks for one, then the sheet is locked."""
    for panellist in panellists:
        panellist.follow("My reviews")
        panellist.follow("Start")
        panellist.press("Start the review")
        panellist.reads("Score sheet")
        panellist.sees("연기 속에서 사람을 찾는 드론")
        for field in {node.attrs["name"] for node in panellist.page.all("input") if node.attrs.get("type") == "radio"}:
            panellist.enter(field, "1" if field.startswith("gate.") else "4")
        panellist.press("Submit")
        panellist.press("Submit now")
        panellist.reads("Your score sheet is submitted.")
        panellist.reads("Receipt of the score sheet")


def calibrate(world: World, coordinator: Visitor) -> None:
    """Results are computed from the locked sheets; the dossier goes to the panel's deliberation."""
    coordinator.follow("Scoring")
    coordinator.press("Compute the results")
    coordinator.sees(PRODUCT, "70.00")
    coordinator.follow_name(PRODUCT)


def deliberate(world: World, coordinator: Visitor, panellists: list[Visitor]) -> None:
    """The rapporteur writes what the panel agreed on; the chair confirms exactly that text and concludes by the marks."""
    chair, rapporteur, member = panellists
    coordinator.press("To the panel's deliberation")
    rapporteur.follow("My reviews")
    rapporteur.follow("Write")
    rapporteur.reads("Marks of the panel")
    rapporteur.enter("text.overall", "네 항목 모두 기준을 넘었고, 소방서의 수요가 분명하다.")
    rapporteur.press("Save the text")
    for one in panellists:
        one.follow("My reviews")
        one.follow("Read and answer the text")
        one.sees("소방서의 수요가 분명하다.")
        one.enter("answer", "approve")
        one.press("Record my answer")
    chair.follow("My reviews")
    chair.follow("Read and confirm")
    chair.press("Confirm the saved text")
    chair.press("Conclude: recommended")
    chair.reads("The deliberation is concluded.")
    member.follow("My reviews")
    member.reads("deliberation concluded")
    coordinator.open(coordinator.url)
    coordinator.press("Send to the fitness review")
    coordinator.reads("Sent to the procurement service for its fitness review.")


def review_fitness(officer: Visitor) -> None:
    """The procurement service checks whether public bodies may buy the product as it stands."""
    officer.follow("Fitness review")
    officer.follow("Check", beside=PRODUCT)
    for name in {node.attrs["name"] for node in officer.page.all("input") if node.attrs.get("name", "").startswith("check.")}:
        officer.enter(name, "yes")
    officer.fill("Reasons", "법정인증과 가격 근거를 확인하였다.")
    officer.press("Pass")
    officer.follow_name(PRODUCT)
    officer.reads("Passed. The coordinator publishes the notice next.")


def give_notice(world: World, coordinator: Visitor) -> None:
    """Anyone may read and object for two weeks; nobody does, and the application goes to the committee."""
    coordinator.follow("Notice")
    coordinator.press("Publish the notice")
    reader = world.visitor()
    reader.open("/")
    reader.follow("Public notice")
    reader.sees(PUBLISHED[world.language])
    world.pass_time(days=15)
    coordinator.open(coordinator.url)
    coordinator.press("To the committee", beside=PRODUCT)


def decide(world: World, coordinator: Visitor) -> None:
    """The coordinator calls a meeting; one member proposes with minutes and reason, a second confirms the same."""
    coordinator.follow("Committee")
    coordinator.fill("Held on", world.now.astimezone(KST).date().isoformat())
    coordinator.press("Call the meeting")
    first, second = world.staff("committee", "맹승현"), world.staff("committee", "도경아")
    for member in (first, second):
        member.follow("Meeting no. %(n)s", n=1)
        member.follow_name(PRODUCT)
        member.sees("소방서의 수요가 분명하다.")
    first.enter("outcome", "designated")
    first.fill("Minutes", "전원이 지정에 동의하였다.")
    first.fill("Reason", "공공 수요와 혁신성이 확인되었다.")
    first.press("Propose")
    first.reads("You proposed it. Another member confirms or refuses.")
    second.open(second.url)
    second.press("Confirm: %(outcome)s", outcome={"ko": "지정", "en": "Designate"}[world.language])
    world.work()


def verify(world: World) -> str:
    """Anybody can check the certificate by its number; returns the number."""
    anybody = world.visitor()
    anybody.open("/")
    anybody.follow("Designated products")
    anybody.follow_name(PUBLISHED[world.language])
    found = re.search(r"MSIT-\d{4}-\d{4}", anybody.text)
    assert found, anybody.text
    anybody.follow("Verify a certificate")
    anybody.fill("Designation number or certificate code", found[0])
    anybody.press("Check")
    anybody.sees(found[0], "가상로봇")
    anybody.fill("Designation number or certificate code", "MSIT-1999-0001")
    anybody.press("Check", status=404)
    anybody.reads("UNKNOWN: no certificate carries this number")
    return found[0]


def publish_the_list(world: World, coordinator: Visitor, officer: Visitor) -> None:
    """The certified list goes out as an edition that never changes; the procurement service confirms its receipt."""
    coordinator.follow("List")
    coordinator.press("Publish the edition")
    world.work()
    officer.follow("Certified list")
    officer.follow("Receive")
    officer.sees("MSIT-")
    assert PRODUCT in officer.download("CSV").decode("utf-8-sig")
    officer.press("Confirm the receipt")
    officer.reads("Products")


def ask_for_a_pilot(institution: Visitor) -> None:
    """An institution finds the product and asks to try it, within its supplier's plan."""
    institution.follow("Ask for a pilot")
    institution.fill("Units", "3")
    institution.enter("theme", "citizen")
    institution.fill("Site", "제2훈련장")
    institution.fill("Contact", "구조구급과 02-000-0000")
    institution.fill("Purpose", "연기 속 수색 훈련과 출동에 쓴다.")
    institution.fill("Running cost", "구조장비 유지비 예산")
    institution.press("File the request")
    institution.reads("Filed. The procurement service ranks all requests of the year together and answers with reasons.")


def match_the_pilot(world: World, officer: Visitor, institution: Visitor) -> None:
    """Money is set, requests are ranked by the year's policy, and the request is matched with a reason."""
    officer.follow("Pilot requests")
    officer.follow("Rules and budgets")
    officer.answer("budget.citizen", "600,000,000")
    officer.fill("Reason of the change", "연간 예산 배정")
    officer.press("Pin version %(n)s", n=1)
    officer.follow("Pilot requests")
    officer.press("Rank the requests")
    officer.follow("Decide")
    officer.fill("Units to match", "2")
    officer.fill("Reason", "점수 순서와 예산 한도에 따라 선정")
    officer.press("Match")
    institution.follow("My pilot requests")
    institution.sees("3 → 2", "점수 순서와 예산 한도에 따라 선정")
    institution.follow_name(PUBLISHED[world.language])
    institution.press("Agree to amount, scale and running cost")


def carry_out_the_pilot(world: World, officer: Visitor, institution: Visitor) -> None:
    """Contract, delivery, acceptance, use, report, grade."""
    today = world.now.astimezone(KST).date().isoformat()
    officer.open(officer.url)
    officer.fill("Contract number", "R27BK00000001-000")
    officer.press("Record the contract")
    officer.fill("Day", today)
    officer.press("Record the delivery")
    for step in ("Accept the delivery", "Begin the use"):
        institution.open(institution.url)
        institution.fill("Day", today)
        institution.press(step)
    world.pass_time(days=20)
    institution.open(institution.url)
    institution.enter("kpi.0", "수색 시간 43 % 단축")
    institution.fill("Results of the use", "연기 속 수색 시간이 줄었다.")
    institution.enter("satisfaction", "4")
    institution.press("File the report")
    officer.open(officer.url)
    officer.enter("grade", "good")
    officer.fill("Reason", "목표를 넘었다.")
    officer.press("Grade the pilot")
    officer.reads("Close the pilot")


def follow_it_to_the_end(world: World, applicant: Visitor, number: str) -> None:
    """The company sees its way from receipt to designation; the public sees the pilot on the product's page."""
    applicant.follow("My dossiers")
    applicant.follow_name(PRODUCT)
    applicant.reads("Designated")
    anybody = world.visitor()
    anybody.open("/products")
    anybody.follow_name(PUBLISHED[world.language])
    anybody.sees(number, "가상소방본부")
