"""These tests use a whole installation. The pages ask flows and know no database (a contract of the
imports holds that), and the flows are tested on both kinds; so one kind does here.
"""

import pytest

from tests.helpers.houses import (
    clock,
    database,
    empty_url,
    house,
    own_cluster,
    postgres_cluster,
    sqlite_url,
    unlimited_house,
)

__all__ = [
    "clock",
    "database",
    "empty_url",
    "house",
    "own_cluster",
    "postgres_cluster",
    "sqlite_url",
    "unlimited_house",
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Where the database of a test is."""
    return sqlite_url
