"""Changing the master key leaves an event in every environment."""

from tests.helpers.house import House
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.crypto.key_files import KeyFile
from twostep.flows.rotations import change_master_key


def test_each_environments_log_tells_that_the_master_key_was_changed(house: House) -> None:
    source = house.installation.keys.source
    assert isinstance(source, KeyFile)
    heard: list[tuple[int, int]] = []
    done = change_master_key(
        house.installation, source, progress=lambda done, total: heard.append((done, total))
    )
    assert done.rewrapped > 0
    assert heard[-1][0] == done.rewrapped
    for place in (house.harbour, house.northside):
        (event,) = recorded(house.installation, place, EventKind.KEYS_ROTATED)
        assert event.about == {"master": True}
    house.add("ann")
