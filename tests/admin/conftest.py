"""These tests use a whole installation, on both kinds of database."""

from tests.helpers.houses import (
    clock,
    database,
    database_url,
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
    "database_url",
    "empty_url",
    "house",
    "own_cluster",
    "postgres_cluster",
    "sqlite_url",
    "unlimited_house",
]
