"""What a user can pass a second step with."""

from tests.core.situations import (
    ADDRESS,
    KEY,
    NOW,
    NUMBER,
    OTHER_KEY,
    code_shown,
    password_shown,
    policy,
    recovery_code_shown,
    sent_code_shown,
    situation,
)
from twostep.core.help_desk_codes import HelpDeskPurpose, OpenCode
from twostep.core.policies import Method, Policy, TwoStepVerification
from twostep.core.situations import Credentials, Proof, ProofKind

TODAY = OpenCode(id=b"t" * 16, purpose=HelpDeskPurpose.TODAY, ends_at=NOW + 1, uses_left=0)


def test_a_method_counts_where_the_user_has_it_and_the_policy_allows_it() -> None:
    has = Credentials(has_password=True, authenticators=frozenset({KEY}))
    none = Policy(
        two_step_verification=TwoStepVerification.REQUIRED, methods=frozenset({Method.PASSKEY})
    )
    assert has.methods(policy()) == (Method.AUTHENTICATOR,)
    assert has.methods(none) == ()
    assert Credentials(has_password=True).methods(policy()) == ()


def test_a_proof_counts_while_its_person_still_has_what_it_was_shown_with() -> None:
    """I-8."""
    shown = (
        password_shown(),
        code_shown(),
        recovery_code_shown(),
        sent_code_shown(),
        sent_code_shown(address=NUMBER, by_text=True),
        Proof(kind=ProofKind.HELP_DESK_CODE, shown_at=NOW, credential_id=TODAY.id),
        Proof(kind=ProofKind.SET_UP_CODE, shown_at=NOW, credential_id=TODAY.id),
    )
    contacts = {Method.EMAIL_CODE: (OTHER_KEY, ADDRESS), Method.TEXT_CODE: (NUMBER,)}
    with_all = Credentials(
        has_password=True,
        authenticators=frozenset({KEY}),
        contacts=contacts,
        help_desk_codes=(TODAY,),
    )
    moved = Credentials(has_password=True, contacts={Method.EMAIL_CODE: (OTHER_KEY,)})
    other_key = Credentials(has_password=True, authenticators=frozenset({OTHER_KEY}))
    for credentials, counting in (
        (with_all, set(ProofKind)),
        (other_key, {ProofKind.PASSWORD, ProofKind.RECOVERY_CODE}),
        (moved, {ProofKind.PASSWORD}),
        (Credentials(has_password=True, recovery_codes=10), {ProofKind.PASSWORD}),
        (Credentials(), set()),
    ):
        there = situation(*shown, credentials=credentials)
        assert {kind for kind in ProofKind if there.proves(kind)} == counting
