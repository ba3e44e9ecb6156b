"""What every test shares: how hard Hypothesis tries."""

import os

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a busy machine is slow, and slowness is measured in bench/, never asserted in a test.
settings.register_profile("default", deadline=None)
# The same examples in every run, so that a red run is red again; its blob repeats it elsewhere.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# For a night: HYPOTHESIS_PROFILE=thorough make test
settings.register_profile("thorough", deadline=None, max_examples=5000)

settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("repeatable" if os.environ.get("CI") else "default")
)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that is ``sqlite_alone`` runs once, where the fixture would run it on each database.

    Meant for decisions that are taken in Python from what simple statements read: those statements
    run on PostgreSQL in tests/storage, in the crossings and floods, and in a whole journey.
    """
    asked = metafunc.definition
    if not asked.get_closest_marker("sqlite_alone") or asked.get_closest_marker("both_databases"):
        return
    by_itself = {mark.args[0] for mark in asked.iter_markers("parametrize")}
    for fixture in ("database_url", "shared_house"):
        if fixture in metafunc.fixturenames and fixture not in by_itself:
            # As a mark of the test, which goes before the parameters of the fixture itself.
            asked.add_marker(pytest.mark.parametrize(fixture, ["sqlite"], indirect=True))
