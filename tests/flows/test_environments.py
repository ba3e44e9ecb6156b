"""Making environments, and finding them by name and address."""

import threading

import pytest

from tests.helpers.house import House
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.environments import Environment, NotAnOrigin, parse_origin
from twostep.core.keys import KeyPurpose
from twostep.core.users import NotAName
from twostep.flows import environments
from twostep.flows.environments import (
    AddressTaken,
    EnvironmentNameTaken,
    PlainHttp,
    checked_address,
)

pytestmark = pytest.mark.sqlite_alone


def test_an_environment_is_found_by_each_of_its_addresses_and_by_its_name(house: House) -> None:
    made = environments.add(
        house.installation,
        name="Acme",
        primary=parse_origin("https://acme.example"),
        others=[parse_origin("https://login.acme.example:8443")],
    )
    assert isinstance(made, Environment)
    for text in ("Acme", " aCME ", "https://acme.example", "https://ACME.example:443/"):
        assert environments.find(house.installation, text) == made, text
    by_origin = environments.by_origin(house.installation, "https://login.acme.example:8443")
    assert by_origin == made
    assert environments.by_origin(house.installation, "https://login.acme.example") is None
    assert environments.find(house.installation, "Globe") is None


def test_an_environment_has_keys_of_its_own_and_an_event(house: House) -> None:
    made = environments.add(
        house.installation, name="Acme", primary=parse_origin("https://acme.example")
    )
    assert isinstance(made, Environment)
    keys = house.installation.keys
    own = keys.current(KeyPurpose.BOX, environment_id=made.id).secret
    assert own != keys.current(KeyPurpose.BOX, environment_id=house.harbour.id).secret
    (event,) = recorded(house.installation, made, EventKind.ENVIRONMENT_ADDED)
    assert event.about == {"name": "Acme", "origins": "https://acme.example"}


@pytest.mark.parametrize("name", ["Harbour Clinic", "harbour  CLINIC", "Ｈarbour Clinic"])
def test_a_name_that_a_person_would_take_for_another_is_taken(house: House, name: str) -> None:
    primary = parse_origin("https://acme.example")
    made = environments.add(house.installation, name=name, primary=primary)
    assert made == EnvironmentNameTaken()
    assert environments.by_origin(house.installation, "https://acme.example") is None


def test_an_address_belongs_to_one_environment(house: House) -> None:
    other = parse_origin("https://acme.example")
    made = environments.add(
        house.installation, name="Acme", primary=other, others=[house.harbour.primary]
    )
    assert made == AddressTaken(str(house.harbour.primary))
    assert environments.find(house.installation, "Acme") is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\u200bb", "a\nb"])
def test_a_name_that_cannot_be_read_is_refused(house: House, name: str) -> None:
    with pytest.raises(NotAName):
        environments.add(
            house.installation, name=name, primary=parse_origin("https://acme.example")
        )
    assert len(environments.all_of_them(house.installation)) == 2


@pytest.mark.both_databases
def test_of_many_who_want_one_address_at_once_one_gets_it(house: House) -> None:
    results: list[object] = []

    def want(number: int) -> None:
        results.append(
            environments.add(
                house.installation,
                name=f"Acme {number}",
                primary=parse_origin("https://acme.example"),
            )
        )

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, Environment) for result in results) == 1
    assert results.count(AddressTaken("https://acme.example")) == 7


def test_the_first_environment_is_made_only_where_there_is_none(house: House) -> None:
    primary = parse_origin("https://acme.example")
    assert environments.make_first(house.installation, name="Acme", primary=primary) is None
    assert len(environments.all_of_them(house.installation)) == 2


def test_an_address_over_plain_http_is_for_this_machine_alone() -> None:
    assert str(checked_address("http://acme.localhost:8000")) == "http://acme.localhost:8000"
    assert str(checked_address("http://127.0.0.1:8000")) == "http://127.0.0.1:8000"
    with pytest.raises(PlainHttp):
        checked_address("http://acme.example")
    with pytest.raises(NotAnOrigin):
        checked_address("https://acme.example/login")
