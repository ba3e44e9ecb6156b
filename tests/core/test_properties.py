"""The properties: whose value holds, and what a value may be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.policies import BUILT, Method, TwoStepVerification
from twostep.core.properties import (
    AT_ONCE,
    CATALOGUE,
    REQUIRED_FROM,
    BadValue,
    Effective,
    Property,
    Scope,
    Stored,
    UnknownProperty,
    code_rules_of,
    effective,
    find,
    floor_of,
    methods_of,
    policy_of,
    remembering_of,
    session_limits_of,
    switched_on,
    text_terms_of,
)
from twostep.core.property_values import DAY
from twostep.core.sent_codes import CodeRules
from twostep.core.sessions import HOUR, MINUTE

MODE = "two_step_verification"
NOW = 1_767_225_600_000


def stored(name: str = MODE, **values: str) -> dict[tuple[Scope, str], str]:
    return {(Scope(scope), name): value for scope, value in values.items()}


# --- whose value holds


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Effective(value="optional", source=None)),
        ({"environment": "off"}, Effective(value="off", source=Scope.ENVIRONMENT)),
        ({"default": "required"}, Effective(value="required", source=Scope.DEFAULT)),
        (
            {"environment": "off", "default": "required"},
            Effective(value="off", source=Scope.ENVIRONMENT),
        ),
        ({"floor": "required"}, Effective(value="required", source=Scope.FLOOR)),
        (
            {"environment": "off", "floor": "optional"},
            Effective(value="optional", source=Scope.FLOOR),
        ),
        (
            {"environment": "required", "floor": "optional"},
            Effective(value="required", source=Scope.ENVIRONMENT),
        ),
        (
            {"environment": "required", "floor": "required"},
            Effective(value="required", source=Scope.ENVIRONMENT),
        ),
    ],
)
def test_the_environment_comes_before_the_default_and_the_floor_clamps(
    values: Mapping[str, str], expected: Effective
) -> None:
    assert effective(stored(**values), MODE) == expected


@pytest.mark.parametrize("scope", ["environment", "default", "floor"])
def test_a_stored_text_that_is_no_value_counts_as_not_stored(scope: str) -> None:
    assert effective(stored(**{scope: "sometimes"}), MODE) == Effective(
        value="optional", source=None
    )


@pytest.mark.parametrize(
    ("name", "value", "floor", "holds"),
    [
        ("password_minimum_length", "8", "12", "12"),
        ("password_minimum_length", "20", "12", "20"),
        ("session_idle_minutes", "60", "15", "15"),
        ("session_idle_minutes", "5", "15", "5"),
        ("session_hours", "24", "12", "12"),
        ("session_hours", "1", "12", "1"),
        ("days_to_remember_device", "30", "7", "7"),
        ("remember_this_device", "always", "ask", "ask"),
        ("two_step_required_from", "1780272000000", "1777593600000", "1777593600000"),
        ("two_step_required_from", "", "1777593600000", ""),
    ],
)
def test_each_property_knows_which_way_is_stricter(
    name: str, value: str, floor: str, holds: str
) -> None:
    assert effective(stored(name, environment=value, floor=floor), name).value == holds


def test_what_has_no_stricter_direction_has_no_floor() -> None:
    values = stored("support_contact", environment="Ask Kim", floor="Ask Lou")
    assert effective(values, "support_contact").value == "Ask Kim"
    assert floor_of(values, "support_contact") is None
    assert CATALOGUE["support_contact"].stricter_of("Ask Kim", "Ask Lou") == "Ask Kim"


values_of_mode = st.sampled_from(["off", "optional", "required"])


@given(st.dictionaries(st.sampled_from(Scope), values_of_mode))
def test_nothing_that_holds_is_laxer_than_the_floor(values: dict[Scope, str]) -> None:
    """I-20, as far as there are floors."""
    order = [mode.value for mode in TwoStepVerification]
    found = effective({(scope, MODE): value for scope, value in values.items()}, MODE).value
    assert order.index(found) >= order.index(values.get(Scope.FLOOR, "off"))


# --- what a value may be


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        (MODE, " Required ", "required"),
        ("password_minimum_length", " 08 ", "8"),
        ("password_minimum_length", "64", "64"),
        ("session_hours", "24", "24"),
        ("session_idle_minutes", "1440", "1440"),
        ("support_contact", " Kim, room 5 ", "Kim, room 5"),
        ("support_contact", "", ""),
        ("support_link", "https://help.example.org/a", "https://help.example.org/a"),
        ("support_link", "mailto:help@example.org", "mailto:help@example.org"),
        ("support_link", "tel:+123", "tel:+123"),
        ("support_link", "", ""),
    ],
)
def test_a_value_is_tidied_and_kept(name: str, typed: str, kept: str) -> None:
    assert CATALOGUE[name].check(typed) == kept


@pytest.mark.parametrize(
    ("name", "typed", "what"),
    [
        (MODE, "sometimes", "off, optional, required"),
        (MODE, "", "one of"),
        ("password_minimum_length", "7", "from 8 to 64"),
        ("password_minimum_length", "65", "from 8 to 64"),
        ("password_minimum_length", "-8", "from 8 to 64"),
        ("password_minimum_length", "８", "from 8 to 64"),
        ("password_minimum_length", "8.0", "from 8 to 64"),
        ("password_minimum_length", "0000000010", "from 8 to 64"),
        ("password_minimum_length", "", "from 8 to 64"),
        ("session_hours", "0", "from 1 to 24"),
        ("session_idle_minutes", "1441", "from 1 to 1440"),
        ("support_contact", "x" * 121, "120"),
        ("support_contact", "two\nlines", "one line"),
        ("support_link", "javascript:alert(1)", "begin with"),
        ("support_link", " JavaScript:alert(1)", "begin with"),
        ("support_link", "java\tscript:alert(1)", "one line"),
        ("support_link", "help.example.org", "begin with"),
        ("support_link", f"https://{'x' * 300}", "300"),
    ],
)
def test_what_is_no_value_is_refused_with_its_bounds(name: str, typed: str, what: str) -> None:
    with pytest.raises(BadValue, match=what):
        CATALOGUE[name].check(typed)


@pytest.mark.parametrize("item", CATALOGUE.values(), ids=lambda item: item.name)
def test_each_default_is_a_value_and_each_property_is_explained(item: Property) -> None:
    assert item.check(item.default) == item.default
    assert item.help.endswith(".")


def test_a_property_is_found_with_dashes_or_underscores() -> None:
    assert find(" Two-Step-Verification ").name == MODE
    with pytest.raises(UnknownProperty, match="favourite_colour"):
        find("favourite_colour")


# --- what they amount to


@pytest.mark.parametrize(
    ("values", "mode", "required_by"),
    [
        ({}, "optional", "environment"),
        ({"environment": "required"}, "required", "environment"),
        ({"floor": "required"}, "required", "floor"),
    ],
)
def test_the_policy_says_who_required_it(
    values: Mapping[str, str], mode: str, required_by: str
) -> None:
    policy = policy_of(stored(**values), NOW)
    assert (policy.two_step_verification, policy.required_by) == (mode, required_by)
    assert policy.methods == {Method.AUTHENTICATOR, Method.RECOVERY_CODE}


# --- from when

MAY = "1777593600000"
JUNE = "1780272000000"


def at(*, own: str = "", own_from: str = "", floor: str = "", floor_from: str = "") -> Stored:
    texts = {
        (Scope.ENVIRONMENT, MODE): own,
        (Scope.ENVIRONMENT, "two_step_required_from"): own_from,
        (Scope.FLOOR, MODE): floor,
        (Scope.FLOOR, "two_step_required_from"): floor_from,
    }
    return {key: text for key, text in texts.items() if text}


@pytest.mark.parametrize(
    ("values", "begins", "whose"),
    [
        (at(own="required"), 0, "environment"),
        (at(own="required", own_from=MAY), int(MAY), "environment"),
        (at(floor="required"), 0, "floor"),
        (at(floor="required", floor_from=MAY), int(MAY), "floor"),
        (at(own="optional", own_from=JUNE, floor="required"), 0, "floor"),
        (at(own="required", own_from=JUNE, floor="required"), 0, "floor"),
        (at(own="required", own_from=JUNE, floor="required", floor_from=MAY), int(MAY), None),
        (at(own="required", floor="required", floor_from=MAY), 0, "environment"),
        (at(own="required", own_from=JUNE, floor="optional", floor_from=MAY), int(MAY), None),
    ],
)
def test_the_earlier_of_two_days_holds_and_none_puts_off_what_the_floor_requires(
    values: Stored, begins: int, whose: str | None
) -> None:
    """B-3: optional until the day, required from its first millisecond on."""
    policy = policy_of(values, begins)
    assert (policy.two_step_verification, policy.required_from) == ("required", None)
    assert policy.required_by == (whose or "environment")
    if begins:
        before = policy_of(values, begins - 1)
        assert (before.two_step_verification, before.required_from) == ("optional", begins)


@pytest.mark.parametrize("mode", ["off", "optional"])
def test_a_day_without_required_means_nothing(mode: str) -> None:
    policy = policy_of(at(own=mode, own_from=MAY), int(MAY))
    assert (policy.two_step_verification, policy.required_from) == (mode, None)


# --- at once


def with_mark(mode: str, text: str) -> Stored:
    return {**at(own=mode), (Scope.ENVIRONMENT, AT_ONCE): text}


def test_at_once_holds_from_its_moment_on_and_where_it_is_required() -> None:
    """CT-12."""
    assert policy_of(with_mark("required", str(NOW)), NOW).at_once_at == NOW
    assert policy_of(with_mark("required", str(NOW + 1)), NOW).at_once_at is None
    assert policy_of(with_mark("optional", str(NOW)), NOW).at_once_at is None
    assert policy_of(with_mark("required", ""), NOW).at_once_at is None
    assert policy_of(with_mark("required", "soon"), NOW).at_once_at is None


@pytest.mark.parametrize(
    ("days", "asks", "offered"),
    [("30", "ask", True), ("0", "ask", False), ("30", "always", False), ("0", "always", False)],
)
def test_the_tick_box_is_there_where_days_are_remembered_and_the_person_decides(
    days: str, asks: str, offered: bool
) -> None:
    """CT-10: 0 hides it; CS-4: *always* needs none."""
    found = remembering_of(
        stored("days_to_remember_device", environment=days)
        | stored("remember_this_device", environment=asks)
    )
    assert (found.days, found.always, found.offered) == (int(days), asks == "always", offered)


def test_the_ends_of_sessions_are_in_milliseconds() -> None:
    assert session_limits_of({}, NOW).idle == 60 * MINUTE
    limits = session_limits_of(
        stored("session_idle_minutes", environment="5") | stored("session_hours", environment="2"),
        NOW,
    )
    assert (limits.idle, limits.absolute) == (5 * MINUTE, 2 * HOUR)


@pytest.mark.parametrize(
    ("floor", "day", "own", "expected"),
    [
        ("required", "", "off", True),
        ("required", str(NOW), "off", True),
        ("required", str(NOW + DAY), "required", False),
        ("optional", "", "required", False),
        (None, "", "required", False),
    ],
)
def test_the_installations_switch_is_its_floor_required_from_the_floors_own_day_on(
    floor: str | None, day: str, own: str, expected: bool
) -> None:
    """CS-5: what an environment wishes by itself switches nothing on for all."""
    values = stored(environment=own) | stored(REQUIRED_FROM, floor=day)
    values |= stored(floor=floor) if floor else {}
    assert switched_on(values, NOW) is expected
    assert session_limits_of(values, NOW).lasting is not expected


# --- methods and codes


@pytest.mark.parametrize("mode", ["off", "optional", "required"])
def test_from_the_start_the_app_is_allowed_and_codes_are_one_tick_away(mode: str) -> None:
    """From the start: the app and recovery codes; the rest is the administrator's to allow."""
    values = {(Scope.ENVIRONMENT, MODE): mode}
    assert policy_of(values, NOW).methods == {Method.AUTHENTICATOR, Method.RECOVERY_CODE}
    values[Scope.ENVIRONMENT, "allow_email_codes"] = "yes"
    values[Scope.ENVIRONMENT, "allow_text_codes"] = "yes"
    assert methods_of(values) == policy_of(values, NOW).methods == BUILT
    values[Scope.ENVIRONMENT, "allow_authenticator"] = "no"
    values[Scope.ENVIRONMENT, "allow_recovery_codes"] = "no"
    assert methods_of(values) == {Method.EMAIL_CODE, Method.TEXT_CODE}


def test_the_floor_can_forbid_codes_that_are_sent_and_nothing_else() -> None:
    values = {
        (Scope.ENVIRONMENT, "allow_email_codes"): "yes",
        (Scope.FLOOR, "allow_email_codes"): "no",
        (Scope.FLOOR, "allow_authenticator"): "no",
    }
    assert methods_of(values) == {Method.AUTHENTICATOR, Method.RECOVERY_CODE}


def test_codes_are_as_long_and_live_as_long_as_it_was_set() -> None:
    """CS-3: **TFA Code Length**, **TFA Code Expiration Minutes**."""
    assert code_rules_of({}) == CodeRules(length=6, lives=10 * 60_000)
    values = {
        (Scope.ENVIRONMENT, "tfa_code_length"): "12",
        (Scope.ENVIRONMENT, "tfa_code_minutes"): "1",
    }
    assert code_rules_of(values) == CodeRules(length=12, lives=60_000)
    values[Scope.ENVIRONMENT, "tfa_code_length"] = "5"
    values[Scope.ENVIRONMENT, "tfa_code_minutes"] = "11"
    assert code_rules_of(values) == CodeRules()


def test_texts_are_paid_for_under_terms_that_begin_with_none() -> None:
    """AC-53."""
    assert not text_terms_of({}).open
    values = {
        (Scope.ENVIRONMENT, "text_countries"): "US CA",
        (Scope.ENVIRONMENT, "text_messages_a_day"): "7",
    }
    assert text_terms_of(values).countries == ("US", "CA")
    assert text_terms_of(values).a_day == 7
