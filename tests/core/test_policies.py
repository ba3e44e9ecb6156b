"""Which methods a policy allows, and which of them a person can set up alone."""

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
