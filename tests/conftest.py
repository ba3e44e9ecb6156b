"""What every test shares: how hard Hypothesis tries."""

import os

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
