"""What the keys are for."""

from twostep.core.keys import INSTALLATION_ID, OF_ENVIRONMENT, OF_INSTALLATION, KeyPurpose


def test_each_purpose_belongs_to_environments_or_to_the_installation() -> None:
    assert set(OF_ENVIRONMENT) | set(OF_INSTALLATION) == set(KeyPurpose)
    assert not set(OF_ENVIRONMENT) & set(OF_INSTALLATION)


def test_what_is_sealed_and_what_is_chained_has_keys_of_its_own_in_each_environment() -> None:
    """I-15: a box of one environment does not open with another's key."""
    assert set(OF_ENVIRONMENT) == {KeyPurpose.BOX, KeyPurpose.AUDIT}


def test_no_environment_can_have_the_installations_id() -> None:
    assert INSTALLATION_ID == b"\0" * 16
