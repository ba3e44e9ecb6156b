"""Which methods a policy allows, and which of them a person can set up alone."""

from dataclasses import replace

from twostep.core.policies import BUILT, STRONGEST_FIRST, Method, Policy, TwoStepVerification


def policy(*methods: Method) -> Policy:
    return Policy(two_step_verification=TwoStepVerification.REQUIRED, methods=frozenset(methods))


def test_only_what_is_allowed_and_built_can_be_set_up() -> None:
    assert policy(Method.AUTHENTICATOR).methods_to_set_up == (Method.AUTHENTICATOR,)
    assert policy(*Method).methods_to_set_up == tuple(
        method for method in (Method.PASSKEY, Method.AUTHENTICATOR) if method in BUILT
    )
    assert policy(Method.EMAIL_CODE, Method.HELP_DESK_CODE).methods_to_set_up == ()
    assert policy().methods_to_set_up == ()


def test_the_order_of_strength_is_that_of_the_names() -> None:
    assert STRONGEST_FIRST[:2] == (Method.PASSKEY, Method.AUTHENTICATOR)
    assert STRONGEST_FIRST[-1] is Method.HELP_DESK_CODE


def test_nobody_in_particular_required_it_unless_it_is_said() -> None:
    assert policy().required_by == "environment"


def test_a_session_is_held_to_the_policy_where_it_began_until_the_mark() -> None:
    """CT-12. One that began in the very millisecond of the mark may have begun before it."""
    held = replace(policy(), at_once_at=100)
    assert held.holds_session_begun(99)
    assert held.holds_session_begun(100)
    assert not held.holds_session_begun(101)
    assert not policy().holds_session_begun(0)


def test_a_policy_leaves_a_way_in_where_one_can_set_up_or_is_sent_something() -> None:
    """A recovery code stands in for the app, so alone it is none."""
    assert not policy(Method.AUTHENTICATOR).leaves_nobody_a_way_in
    assert not policy(Method.EMAIL_CODE).leaves_nobody_a_way_in
    assert policy(Method.RECOVERY_CODE).leaves_nobody_a_way_in
    assert policy().leaves_nobody_a_way_in
    off = replace(policy(), two_step_verification=TwoStepVerification.OFF)
    assert not off.leaves_nobody_a_way_in
