"""What a user can pass a second step with."""

from tests.core.situations import KEY, policy
from twostep.core.policies import Method, Policy, TwoStepVerification
from twostep.core.situations import Credentials


def test_a_method_counts_where_the_user_has_it_and_the_policy_allows_it() -> None:
    has = Credentials(has_password=True, authenticators=frozenset({KEY}))
    none = Policy(
        two_step_verification=TwoStepVerification.REQUIRED, methods=frozenset({Method.PASSKEY})
    )
    assert has.methods(policy()) == (Method.AUTHENTICATOR,)
    assert has.methods(none) == ()
    assert Credentials(has_password=True).methods(policy()) == ()
