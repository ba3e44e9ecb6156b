"""What the help desk can do about a sign-in: a code for today, a code for set-up, a pause."""

from __future__ import annotations

from dataclasses import replace

from tests.core.situations import (
    ANN,
    KEY,
    NOW,
    code_shown,
    live,
    password_shown,
    policy,
    recovery_code_shown,
    situation,
    with_key,
)
from twostep.core.help_desk_codes import HelpDeskPurpose, OpenCode
from twostep.core.policies import Method, Policy, TwoStepVerification
from twostep.core.reasons import Code, because
from twostep.core.sessions import Level
from twostep.core.sign_in import (
    FRESH_FOR,
    AskSecondStep,
    Refused,
    SetUp,
    SignedIn,
    next_step,
)
from twostep.core.situations import Asked, Credentials, Pauses, Proof, ProofKind, Situation

HOUR = 3_600_000
UNTIL = NOW + HOUR
TODAY = OpenCode(id=b"t" * 16, purpose=HelpDeskPurpose.TODAY, ends_at=UNTIL, uses_left=1)
FOR_SET_UP = OpenCode(id=b"s" * 16, purpose=HelpDeskPurpose.SET_UP, ends_at=UNTIL, uses_left=1)
USED = replace(TODAY, uses_left=0)
TODAY_SHOWN = Proof(kind=ProofKind.HELP_DESK_CODE, shown_at=NOW, credential_id=TODAY.id)
SET_UP_SHOWN = Proof(kind=ProofKind.SET_UP_CODE, shown_at=NOW, credential_id=FOR_SET_UP.id)
REQUIRED = policy("required")
FLAGGED = replace(ANN, set_up_code_asked_at=NOW - 1)
PAUSED = replace(ANN, two_step_paused_at=NOW, two_step_paused_until=UNTIL)


def has(*codes: OpenCode, key: bool = True) -> Credentials:
    keys = frozenset({KEY}) if key else frozenset()
    return Credentials(has_password=True, authenticators=keys, help_desk_codes=codes)


def codes_of(step: object) -> set[Code]:
    assert isinstance(step, SignedIn | AskSecondStep | SetUp | Refused)
    return {why.code for why in step.reasons}


def asked_of(of: Situation) -> tuple[Method, ...]:
    step = next_step(of, NOW)
    assert isinstance(step, AskSecondStep), step
    return step.methods


def test_a_code_of_the_help_desk_is_offered_last_and_only_where_there_is_one() -> None:
    assert asked_of(with_key(password_shown())) == (Method.AUTHENTICATOR,)
    for code in (TODAY, FOR_SET_UP):
        of = with_key(password_shown(), credentials=has(code))
        assert asked_of(of) == (Method.AUTHENTICATOR, Method.HELP_DESK_CODE)
    used = with_key(password_shown(), credentials=has(USED))
    assert asked_of(used) == (Method.AUTHENTICATOR,)


def test_a_code_for_today_opens_a_session_that_says_what_it_is() -> None:
    """MISSION B-4, SECURITY section 0.3: level 1h."""
    step = next_step(with_key(password_shown(), TODAY_SHOWN, credentials=has(USED)), NOW)
    assert step == SignedIn(
        Level.HELP_DESK_CODE, (because(Code.HELP_DESK_CODE_SHOWN, until=UNTIL),)
    )


def test_a_code_that_was_withdrawn_or_is_over_opens_nothing() -> None:
    assert asked_of(with_key(password_shown(), TODAY_SHOWN)) == (Method.AUTHENTICATOR,)


def test_a_code_for_set_up_is_none_for_today() -> None:
    wrong = Proof(kind=ProofKind.HELP_DESK_CODE, shown_at=NOW, credential_id=FOR_SET_UP.id)
    of = with_key(password_shown(), wrong, credentials=has(replace(FOR_SET_UP, uses_left=0)))
    assert asked_of(of) == (Method.AUTHENTICATOR,)


def test_no_code_of_the_help_desk_comes_before_the_password() -> None:
    of = with_key(TODAY_SHOWN, SET_UP_SHOWN, credentials=has(TODAY, FOR_SET_UP))
    assert codes_of_first(of) == {Code.NOTHING_PROVEN}


def codes_of_first(of: Situation) -> set[Code]:
    return {why.code for why in next_step(of, NOW).reasons}


def test_a_code_for_today_helps_whoever_typed_too_many_wrong_codes() -> None:
    """The call "I am locked out"."""
    paused = Pauses(codes_until=UNTIL, recovery_codes_paused=True)
    of = with_key(password_shown(), pauses=paused, credentials=has(TODAY))
    assert asked_of(of) == (Method.HELP_DESK_CODE,)
    shown = with_key(password_shown(), TODAY_SHOWN, pauses=paused, credentials=has(USED))
    assert isinstance(next_step(shown, NOW), SignedIn)
    nothing = with_key(password_shown(), pauses=paused)
    assert isinstance(next_step(nothing, NOW), Refused)


def test_it_is_no_second_step_for_an_act_and_no_fresh_proof() -> None:
    """Never fresh proof (SECURITY section 0.3): what changes how somebody signs in asks the app."""
    in_session = live(
        with_key(password_shown(), TODAY_SHOWN, credentials=has(USED)), level=Level.HELP_DESK_CODE
    )
    assert isinstance(next_step(in_session, NOW), SignedIn)
    for asked in (
        Asked(greatest_age=FRESH_FOR, act="users"),
        Asked(level=Level.SECOND_STEP, act="users"),
    ):
        assert asked_of(replace(in_session, asked=asked)) == (Method.AUTHENTICATOR,)


def test_whoever_has_nothing_else_sets_nothing_up_in_a_session_for_today() -> None:
    none = has(USED, key=False)
    of = live(
        situation(password_shown(), TODAY_SHOWN, policy=REQUIRED, credentials=none),
        level=Level.HELP_DESK_CODE,
    )
    step = next_step(replace(of, asked=Asked(greatest_age=FRESH_FOR, act="set_up")), NOW)
    assert isinstance(step, Refused)
    assert Code.HELP_DESK_SESSION in codes_of(step)


def test_a_session_for_today_ends_with_its_code() -> None:
    of = with_key(password_shown(), TODAY_SHOWN, credentials=has(USED))
    ends = {"ends_at": UNTIL, "level": Level.HELP_DESK_CODE}
    by_code = live(of, **ends, help_desk_code_id=TODAY.id)
    assert isinstance(next_step(by_code, NOW), SignedIn)
    assert next_step(by_code, UNTIL) == Refused((because(Code.HELP_DESK_CODE_OVER),))
    by_pause = live(of, **ends)
    assert next_step(by_pause, UNTIL) == Refused((because(Code.TWO_STEP_PAUSE_OVER),))


def test_where_more_is_required_at_once_a_session_for_today_goes_on() -> None:
    at_once = replace(REQUIRED, at_once_at=NOW)
    of = with_key(password_shown(), TODAY_SHOWN, policy=at_once, credentials=has(USED))
    assert isinstance(next_step(live(of, level=Level.HELP_DESK_CODE), NOW), SignedIn)


def test_a_code_for_set_up_leads_to_set_up_and_nowhere_else() -> None:
    spent = replace(FOR_SET_UP, uses_left=0)
    for key in (True, False):
        of = situation(
            password_shown(), SET_UP_SHOWN, policy=REQUIRED, credentials=has(spent, key=key)
        )
        step = next_step(of, NOW)
        assert step == SetUp((Method.AUTHENTICATOR,), (because(Code.SET_UP_CODE_SHOWN),))
    done = situation(
        password_shown(), SET_UP_SHOWN, code_shown(), policy=REQUIRED, credentials=has(spent)
    )
    assert next_step(done, NOW) == SignedIn(Level.SECOND_STEP, (because(Code.BOTH_STEPS_PROVEN),))


def test_after_a_removal_the_set_up_code_is_asked_where_a_second_step_is_required() -> None:
    """AC-34: whoever knows the password must not be faster than its owner."""
    of = situation(password_shown(), policy=REQUIRED, user=FLAGGED)
    step = next_step(of, NOW)
    assert isinstance(step, AskSecondStep)
    assert step.methods == (Method.HELP_DESK_CODE,)
    assert Code.SET_UP_CODE_ASKED in codes_of(step)
    optional = situation(password_shown(), user=FLAGGED)
    assert isinstance(next_step(optional, NOW), SignedIn)


def test_a_live_session_sets_nothing_up_before_the_set_up_code() -> None:
    """AC-34, in a session that a pause let in."""
    user = replace(PAUSED, set_up_code_asked_at=NOW)
    asked = Asked(greatest_age=FRESH_FOR, act="set_up")
    of = live(situation(password_shown(), policy=REQUIRED, user=user, asked=asked))
    step = next_step(of, NOW)
    assert isinstance(step, Refused)
    assert Code.SET_UP_CODE_ASKED in codes_of(step)
    other_act = replace(of, asked=Asked(greatest_age=FRESH_FOR, act="contacts"))
    assert isinstance(next_step(other_act, NOW), SignedIn)


def test_who_is_held_at_set_up_can_use_a_code_for_today_instead() -> None:
    step = next_step(
        situation(password_shown(), policy=REQUIRED, credentials=has(TODAY, key=False)), NOW
    )
    assert isinstance(step, SetUp)
    assert step.or_help_desk_code


def test_a_code_for_today_helps_where_no_method_can_be_set_up() -> None:
    nothing = Policy(two_step_verification=TwoStepVerification.REQUIRED, methods=frozenset())
    for key in (True, False):
        of = situation(password_shown(), policy=nothing, credentials=has(TODAY, key=key))
        assert asked_of(of) == (Method.HELP_DESK_CODE,)


def test_a_pause_asks_no_second_step_and_ends_by_itself() -> None:
    """MISSION B-5: keys kept."""
    for of in (
        with_key(password_shown(), user=PAUSED),
        situation(password_shown(), user=PAUSED, policy=REQUIRED),
    ):
        step = next_step(of, UNTIL - 1) if of.waits_until is None else next_step(of, NOW)
        assert step == SignedIn(Level.PASSWORD, (because(Code.TWO_STEP_PAUSED, until=UNTIL),))
        later = replace(of, waits_until=None)
        assert not isinstance(next_step(later, UNTIL), SignedIn)
        assert not isinstance(next_step(later, NOW - 1), SignedIn)


def test_a_pause_of_somebody_of_whom_nothing_is_asked_is_no_reason() -> None:
    step = next_step(situation(password_shown(), user=PAUSED), NOW)
    assert codes_of(step) == {Code.OPTIONAL_AND_NOT_SET_UP}


def test_a_pause_is_no_fresh_proof() -> None:
    """Who is let in without the app does not put another one in its place."""
    asked = Asked(greatest_age=FRESH_FOR, act="new-key")
    of = live(with_key(password_shown(), user=PAUSED, asked=asked))
    assert asked_of(of) == (Method.AUTHENTICATOR,)
    by_act = replace(of, asked=Asked(level=Level.SECOND_STEP))
    assert asked_of(by_act) == (Method.AUTHENTICATOR,)


def test_a_recovery_code_beside_a_code_for_today_is_still_a_second_step() -> None:
    credentials = replace(has(USED), recovery_codes=3)
    of = with_key(password_shown(), TODAY_SHOWN, recovery_code_shown(), credentials=credentials)
    step = next_step(of, NOW)
    assert isinstance(step, SignedIn)
    assert step.level is Level.SECOND_STEP
