"""Setting properties: of an environment, and of the installation as default and floor."""

import pytest

from tests.helpers.house import House
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.policies import Method, TwoStepVerification
from twostep.core.properties import BadValue, Scope, effective, find, methods_of
from twostep.flows import properties
from twostep.storage import properties as stored_properties

pytestmark = pytest.mark.sqlite_alone

TWO_STEP = find("two_step_verification")


def holds(house: House, name: str) -> tuple[str, Scope | None]:
    stored = properties.stored_of(house.installation, house.harbour.id)
    found = effective(stored, name)
    return found.value, found.source


def test_an_environments_value_holds_there_and_nowhere_else(house: House) -> None:
    properties.set_in_environment(house.installation, house.harbour, TWO_STEP, "Off")
    assert holds(house, "two_step_verification") == ("off", Scope.ENVIRONMENT)
    other = properties.policy_for(house.installation, house.northside.id)
    assert other.two_step_verification is TwoStepVerification.REQUIRED


def test_a_default_holds_where_an_environment_has_no_value(house: House) -> None:
    properties.set_default(house.installation, find("session_hours"), "8")
    assert holds(house, "session_hours") == ("8", Scope.DEFAULT)
    properties.set_in_environment(house.installation, house.harbour, find("session-hours"), "10")
    assert holds(house, "session_hours") == ("10", Scope.ENVIRONMENT)


def test_a_floor_holds_against_whatever_is_laxer(house: House) -> None:
    properties.set_in_environment(house.installation, house.harbour, TWO_STEP, "off")
    properties.set_floor(house.installation, TWO_STEP, "required")
    assert holds(house, "two_step_verification") == ("required", Scope.FLOOR)
    properties.set_floor(house.installation, find("session_hours"), "4")
    assert holds(house, "session_hours") == ("4", Scope.FLOOR)


def test_a_property_without_an_order_has_no_floor(house: House) -> None:
    with pytest.raises(BadValue):
        properties.set_floor(house.installation, find("support_contact"), "it@acme.example")


def test_a_value_out_of_bounds_changes_nothing(house: House) -> None:
    with pytest.raises(BadValue):
        properties.set_in_environment(
            house.installation, house.harbour, find("password_minimum_length"), "7"
        )
    assert properties.password_minimum(house.installation, house.harbour.id) == 15
    assert not recorded(house.installation, house.harbour, EventKind.PROPERTY_CHANGED)


def test_a_change_is_recorded_with_the_old_and_the_new_value(house: House) -> None:
    properties.set_in_environment(house.installation, house.harbour, TWO_STEP, "off")
    house.clock.forward(1)
    change = properties.set_in_environment(house.installation, house.harbour, TWO_STEP, "optional")
    assert (change.old, change.new, change.generation) == ("off", "optional", 2)
    *_, event = recorded(house.installation, house.harbour, EventKind.PROPERTY_CHANGED)
    assert event.about == {
        "property": "two_step_verification",
        "scope": "environment",
        "old": "off",
        "new": "optional",
    }


def test_a_change_for_all_stands_in_every_environments_log(house: House) -> None:
    house.clock.forward(1)
    properties.set_floor(house.installation, TWO_STEP, "optional")
    for place in (house.harbour, house.northside):
        changes = recorded(house.installation, place, EventKind.PROPERTY_CHANGED)
        assert [change.about["scope"] for change in changes].count("floor") == 1


def test_the_operator_cannot_leave_an_environment_without_a_way_in(house: House) -> None:
    """By its own value, by the installation's default, and by its floor: each is refused whole."""
    place, app, email = house.harbour, find("allow_authenticator"), find("allow_email_codes")
    with pytest.raises(BadValue, match="nobody could have"):
        properties.set_in_environment(house.installation, place, app, "no")
    with pytest.raises(BadValue, match="nobody could have"):
        properties.set_default(house.installation, app, "no")
    properties.set_in_environment(house.installation, place, email, "yes")
    properties.set_in_environment(house.installation, place, app, "no")
    with pytest.raises(BadValue, match="nobody could have"):
        properties.set_floor(house.installation, email, "no")
    stored = properties.stored_of(house.installation, place.id)
    assert methods_of(stored) == {Method.EMAIL_CODE, Method.RECOVERY_CODE}
    properties.set_in_environment(house.installation, place, find("two_step_verification"), "off")
    properties.set_floor(house.installation, email, "no")


def test_an_environment_that_is_without_a_way_in_can_still_be_changed(house: House) -> None:
    """However it came to be so: what is refused is the step that leads there."""
    place = house.harbour
    for name, value in (("allow_authenticator", "no"), ("two_step_verification", "optional")):
        house.installation.database.write(
            lambda connection, name=name, value=value: stored_properties.put(  # type: ignore[misc]
                connection, place.id, Scope.ENVIRONMENT, name, value, now=1, changed_by=None
            )
        )
    properties.set_in_environment(house.installation, place, find("session_hours"), "3")
    properties.set_in_environment(house.installation, place, find("allow_authenticator"), "yes")
