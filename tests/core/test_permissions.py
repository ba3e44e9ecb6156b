"""The catalogue of permissions."""

from twostep.core.permissions import ALL, Permission


def test_the_first_administrator_gets_every_permission_there_is() -> None:
    assert set(ALL) == set(Permission)


def test_their_names_are_what_the_database_and_the_command_line_say() -> None:
    """Stored in grants: a name, once released, stays."""
    assert {permission.value for permission in Permission} == {
        "manage_users",
        "remove_two_step",
        "help_desk_codes",
        "system_properties",
        "messages",
        "audit",
    }
