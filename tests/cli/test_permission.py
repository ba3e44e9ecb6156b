"""``twostep permission``."""

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD

HARBOUR = ("-e", "Harbour Clinic")


def held(operator: CommandLine) -> list[str]:
    (user,) = operator.run("user", "list", *HARBOUR, "--json").json
    permissions: list[str] = user["permissions"]
    return permissions


def test_permissions_are_granted_and_revoked(operator: CommandLine) -> None:
    """CT-14: the operator grants the first one."""
    operator.done("user", "add", "ann", *HARBOUR, typed=f"{PASSWORD}\n")
    said = operator.done("permission", "grant", "ann", "Remove-Two-Step", *HARBOUR)
    assert said == "ann now has: remove_two_step.\n"
    assert held(operator) == ["remove_two_step"]
    assert "already" in operator.done("permission", "grant", "ann", "remove_two_step", *HARBOUR)
    operator.done("permission", "grant", "ann", "all", *HARBOUR)
    assert len(held(operator)) == 6
    operator.done("permission", "revoke", "ann", "audit", *HARBOUR)
    assert "audit" not in held(operator)
    operator.done("permission", "revoke", "ann", "all", *HARBOUR, "--even-if-last")
    assert held(operator) == []
    assert "did not have it" in operator.done("permission", "revoke", "ann", "audit", *HARBOUR)


def test_an_unknown_permission_or_user_is_refused(operator: CommandLine) -> None:
    said = operator.refused("permission", "grant", "ann", "everything", *HARBOUR)
    assert "There is no permission 'everything'" in said
    assert "remove_two_step" in said
    assert "no user 'ann'" in operator.refused("permission", "grant", "ann", "audit", *HARBOUR)


def test_ac_76_the_last_one_who_manages_users_is_kept_unless_the_operator_insists(
    operator: CommandLine,
) -> None:
    """AC-76: by revoking and by disabling alike, and nothing of it is done by half."""
    operator.done("user", "add", "ann", *HARBOUR, "--administrator", typed=f"{PASSWORD}\n")
    for command in (("permission", "revoke", "ann", "all"), ("user", "disable", "ann")):
        said = operator.refused(*command, *HARBOUR)
        assert "ann is the last one who can manage users at Harbour Clinic" in said
        assert "--even-if-last" in said
    assert len(held(operator)) == 6
    operator.done("permission", "revoke", "ann", "audit", *HARBOUR)
    operator.done("user", "disable", "ann", *HARBOUR, "--even-if-last")
    assert "disabled already" in operator.done("user", "disable", "ann", *HARBOUR)
    operator.done("permission", "revoke", "ann", "all", *HARBOUR, "--even-if-last")
    assert held(operator) == []
