"""**Check caller** on the page: where the code goes, what is read back, and what it opens."""

from __future__ import annotations

from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import allow, confirmed, enter
from tests.helpers.desk import desk, do, path_of, section, words_of
from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import another_code, last_code, letters
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.users import User

CODES = Permission.HELP_DESK_CODES
KIND = MessageKind.CHECK_CALLER
ACT, READ = "check-caller", "check-caller/read-back"


def sent(house: House, client: Client, user: User) -> Answer:
    """A code is on its way; the page that takes what the caller reads."""
    done = do(client, user, ACT)
    assert done.location == f"{path_of(user, READ)}?said=caller-code-sent", done.text
    return client.follow(done)


def read(client: Client, user: User, page: Answer, code: str) -> Answer:
    return client.submit(page, path_of(user, READ), read_back=code)


def test_a_code_goes_to_the_address_that_was_chosen(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    confirmed(house, ann)
    enter(house, ann, "+12125552368", ContactKind.PHONE)
    page = client.get(path_of(ann, ACT))
    assert "Email · a•••@northside.example confirmed on" in words_of(page)
    assert "Number for text messages · •••• 68 entered by an administrator on" in words_of(page)
    assert page.form(path_of(ann, ACT)).fields["address"] == "email"
    do(client, ann, ACT, address="phone")
    (letter,) = letters(house.installation, KIND)
    assert letter.to == "+12125552368"


def test_the_right_code_is_said_on_the_page_of_the_user(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    enter(house, ann)
    page = sent(house, client, ann)
    assert "A code went to a•••@northside.example" in words_of(page)
    done = read(client, ann, page, last_code(house.installation, KIND))
    assert done.location == f"{path_of(ann)}?said=caller-checked"
    assert "Caller checked" in section(client.follow(done), "now")


def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_ends_it(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    enter(house, ann)
    page = sent(house, client, ann)
    wrong = another_code(last_code(house.installation, KIND))
    assert "The code is six digits." in words_of(read(client, ann, page, "12"))
    assert "Type the code that the caller reads" in words_of(read(client, ann, page, ""))
    for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left"):
        answer = read(client, ann, page, wrong)
        assert answer.status == 422
        assert left in words_of(answer)
    over = read(client, ann, page, wrong)
    assert over.location == f"{path_of(ann, ACT)}?said=check-over"
    again = read(client, ann, page, last_code(house.installation, KIND))
    assert again.location == over.location


def test_without_a_code_on_its_way_the_page_asks_where_to_send_one(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    enter(house, ann)
    assert client.get(path_of(ann, READ)).location == f"{path_of(ann, ACT)}?said=check-over"


def test_too_many_are_told_from_when_on_another_can_be_sent(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    enter(house, ann)
    sent(house, client, ann)
    answer = do(client, ann, ACT)
    assert answer.status == 422
    assert "Enough messages were sent there for now." in words_of(answer)


def test_somebody_without_an_address_is_called_back(house: House) -> None:
    page = desk(house, CODES).get(path_of(house.add(), ACT))
    assert "This user has no address to which a code could go." in words_of(page)
    assert "<select" not in page.text


def test_a_proof_that_became_old_in_the_call_is_asked_beside_the_code(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    enter(house, ann)
    sent(house, client, ann)
    house.clock.forward(6 * MINUTE)
    path, code = path_of(ann, READ), last_code(house.installation, KIND)
    page = client.get(path)
    assert 'name="password"' in page.text
    assert client.submit(page, path, read_back=code, password="wrong one").status == 422
    done = client.submit(page, path, read_back=code, password=PASSWORD)
    assert done.location == f"{path_of(ann)}?said=caller-checked"


def test_ac_09_a_code_for_a_call_opens_nothing_at_sign_in_and_the_other_way_about(
    house: House,
) -> None:
    """AC-09: each code has its own purpose."""
    allow(house, house.harbour)
    ann = house.add()
    confirmed(house, ann)
    browser = house.client()
    sign_in(browser)
    csrf = browser.get("/security").form().fields["csrf"]
    turned_on = browser.post("/security/two-step/codes", {"csrf": csrf})
    assert turned_on.location == "/security?said=codes-on"
    browser.submit(browser.get("/"), "/sign-out")
    house.clock.forward(6 * MINUTE)
    page = browser.follow(sign_in(browser))
    to_sign_in = last_code(house.installation, MessageKind.CODE)
    house.clock.forward(MINUTE)
    client = desk(house, CODES)
    asked = sent(house, client, ann)
    for_the_call = last_code(house.installation, KIND)
    assert for_the_call != to_sign_in, "one in a million"
    assert browser.submit(page, "/sign-in/sent-code", code=for_the_call).status == 403
    assert read(client, ann, asked, to_sign_in).status == 422
    assert browser.submit(page, "/sign-in/sent-code", code=to_sign_in).location == "/"
    assert read(client, ann, asked, for_the_call).location == f"{path_of(ann)}?said=caller-checked"
