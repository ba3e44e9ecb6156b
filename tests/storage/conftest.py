"""The tests of storage run on real databases of both kinds."""

from tests.helpers.databases import (
    database,
    database_url,
    empty_url,
    own_cluster,
    postgres_cluster,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "empty_url",
    "own_cluster",
    "postgres_cluster",
    "sqlite_url",
]
