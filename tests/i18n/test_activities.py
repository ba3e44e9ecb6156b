"""The words of a person's recent activity."""

from twostep.core.audit import EventKind
from twostep.i18n.activities import LISTED, Activity


def test_every_activity_stands_for_some_event() -> None:
    assert set(LISTED.values()) == set(Activity)


def test_only_what_a_person_does_or_has_done_to_them_is_listed() -> None:
    sources = {kind.value.split(":")[0] for kind in LISTED}
    assert "service" not in sources
    assert EventKind.KEYS_ROTATED not in LISTED


def test_one_sign_in_is_one_line() -> None:
    """Its steps are listed only where they went wrong."""
    for kind in (EventKind.PASSWORD_ACCEPTED, EventKind.CODE_ACCEPTED, EventKind.SESSION_STARTED):
        assert kind not in LISTED
