"""Every sentence behind a code: numbered once for ever, and able to be said."""

import re
from collections.abc import Iterator
from pathlib import Path

from twostep.i18n import audit_sentences, audit_words, overview_words, user_lists, user_page
from twostep.i18n.activities import Activity
from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.audit_notices import AuditNotice
from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.help_desk_notices import HelpDeskNotice
from twostep.i18n.helping_notices import HelpingNotice
from twostep.i18n.matters import Matter
from twostep.i18n.message_notices import MessageNotice
from twostep.i18n.message_states import all_of_them
from twostep.i18n.messages import SENTENCES
from twostep.i18n.notices import Notice
from twostep.i18n.permission_notices import PermissionNotice
from twostep.i18n.permissions import all_of_them as of_permissions
from twostep.i18n.person_notices import PersonNotice
from twostep.i18n.property_notices import PropertyNotice
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.i18n.sentences import Sentence, counts, fill
from twostep.i18n.user_notices import UserNotice

NUMBERS = Path(__file__).with_name("numbers.txt")

RANGES = {
    "reason": 1000,
    "notice": 2000,
    "matter": 3000,
    "activity": 4000,
    "message": 5000,
    # What is said to administrators, from 3300 on.
    "administration": 3000,
    "permission": 3000,
    "audit": 3000,
    "event": 4000,
    "overview": 4000,
    "user": 3000,
    "users": 3000,
}


def all_sentences() -> Iterator[tuple[str, Sentence]]:
    for code, sentence in SENTENCES.items():
        yield f"reason {code.name}", sentence
    for notice in (
        *Notice,
        *ContactNotice,
        *HelpDeskNotice,
        *MessageNotice,
        *PropertyNotice,
        *SentCodeNotice,
    ):
        yield f"notice {notice.name}", notice.sentence
    for told in (
        *ArrivalNotice,
        *HelpingNotice,
        *PermissionNotice,
        *AuditNotice,
        *UserNotice,
        *PersonNotice,
    ):
        yield f"administration {told.name}", told.sentence
    for matter in Matter:
        explanation = matter.explanation
        yield f"matter {matter.name} title", explanation.title
        yield f"matter {matter.name} happened", explanation.happened
        yield f"matter {matter.name} to_do", explanation.to_do
    for activity in Activity:
        yield f"activity {activity.name}", activity.sentence
    yield from sentences_by_name()


def sentences_by_name() -> Iterator[tuple[str, Sentence]]:
    for group, found in (
        ("permission", of_permissions()),
        ("user", user_page.all_of_them()),
        ("users", user_lists.all_of_them()),
        ("message", all_of_them()),
        ("audit", audit_words.all_of_them()),
        ("overview", overview_words.all_of_them()),
    ):
        for name, sentence in found.items():
            yield f"{group} {name}", sentence
    for name, sentence in audit_sentences.all_of_them().items():
        yield f"{'event' if sentence.number >= 4000 else 'audit event'} {name}", sentence


def test_no_two_sentences_have_one_number() -> None:
    numbers = [sentence.number for _, sentence in all_sentences()]
    assert sorted(numbers) == sorted(set(numbers))


def test_each_number_is_in_the_range_of_its_kind() -> None:
    for name, sentence in all_sentences():
        assert sentence.number // 1000 * 1000 == RANGES[name.split()[0]], name


def test_numbers_that_were_given_once_keep_their_meaning() -> None:
    """A new sentence adds its line to numbers.txt. A line there never changes and never goes."""
    pinned = NUMBERS.read_text(encoding="utf-8").splitlines()
    now = {f"{sentence.number} {name}" for name, sentence in all_sentences()}
    assert sorted(now) == pinned


def test_every_sentence_can_be_said_with_its_data_and_leaves_no_hole() -> None:
    for name, sentence in all_sentences():
        for text in filter(None, (sentence.text, sentence.several)):
            data = dict.fromkeys(re.findall(r"%\((\w+)\)s", text), 7)
            said = fill(text, data, moment=str, day=str)
            assert "%" not in said, name
            assert said[0].isupper() or said[0].isdigit(), name


def test_what_is_counted_is_named_in_both_forms() -> None:
    for name, sentence in all_sentences():
        assert (sentence.several is None) == (sentence.counted is None), name
        if sentence.several is not None:
            assert f"%({sentence.counted})s" in sentence.text, name
            assert f"%({sentence.counted})s" in sentence.several, name


def test_no_sentence_speaks_the_language_of_programmers() -> None:
    """The manner of the screens: plain words. "Factor", "token" and the like are not."""
    words = re.compile(r"\b(tokens?|factors?|OTP|TOTP|invalid|credentials?|illegal|CSRF)\b", re.I)
    for name, sentence in all_sentences():
        assert not words.search(sentence.text), name


def test_one_and_several_differ() -> None:
    left = counts(1, "%(tries)s try left", "%(tries)s tries left", by="tries")
    assert left.in_language("en", {"tries": 1}) == "%(tries)s try left"
    assert left.in_language("en", {"tries": 2}) == "%(tries)s tries left"


def test_until_is_a_moment_and_other_numbers_are_numbers() -> None:
    text = "%(minutes)s minutes until %(until)s"
    in_words = {"moment": lambda at: f"<{at}>", "day": lambda at: f"[{at}]"}
    assert fill(text, {"minutes": 3, "until": 9}, **in_words) == "3 minutes until <9>"
    assert fill("on %(changed)s", {"changed": 4}, **in_words) == "on [4]"
