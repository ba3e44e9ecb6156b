"""The schema that the versions make is the one that the tables describe, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text

from twostep.storage import migrations
from twostep.storage.database import Database, open_database
from twostep.storage.database_url import SqliteUrl, read_database_url
from twostep.storage.schema import (
    NEWEST,
    VERSIONS,
    Current,
    Empty,
    Foreign,
    Newer,
    schema_state,
)
from twostep.storage.tables import metadata


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database without tables that exists (SQLite would otherwise make no file)."""
    match read_database_url(empty_url):
        case SqliteUrl(path=path):
            path.touch()
        case _:
            pass
    opened = open_database(empty_url)
    yield opened
    opened.close()


def described(connection: Connection) -> dict[str, Any]:
    """Everything that the database itself says about its tables."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            ],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(inspector.get_foreign_keys(table), key=str),
            "unique": sorted(inspector.get_unique_constraints(table), key=str),
            "checks": sorted(inspector.get_check_constraints(table), key=str),
            "indexes": sorted(
                ([str(option) for option in index.pop("dialect_options", {}).values()], str(index))
                for index in inspector.get_indexes(table)
            ),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_alembic_finds_no_difference_between_the_versions_and_the_tables(
    database: Database,
) -> None:
    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert database.read(differences) == []


def test_alembic_would_find_a_difference(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), MetaData()))

    assert len(database.read(differences)) >= len(metadata.tables)


def test_the_databases_themselves_describe_both_alike_in_every_detail(
    sqlite_url: str, tmp_path: Path
) -> None:
    straight = tmp_path / "straight.db"
    straight.touch()
    compare_details(sqlite_url, str(straight))


@pytest.mark.postgresql
def test_postgresql_describes_both_alike_in_every_detail(postgres_cluster: Any) -> None:
    compare_details(postgres_cluster.create_database(), postgres_cluster.create_empty_database())


def compare_details(migrated_url: str, straight_url: str) -> None:
    migrated, straight = open_database(migrated_url), open_database(straight_url)
    try:
        straight.write(metadata.create_all)
        by_versions, by_tables = migrated.read(described), straight.read(described)
        assert by_versions.keys() == by_tables.keys() == metadata.tables.keys()
        assert by_versions == by_tables
    finally:
        migrated.close()
        straight.close()


def test_no_constraint_waits_for_the_commit() -> None:
    # One unit's broken constraint would otherwise fail the commit of everybody in SQLite's batch.
    constraints = [c for table in metadata.tables.values() for c in table.constraints]
    assert constraints
    assert not [c for c in constraints if c.deferrable or c.initially]


def test_the_list_of_versions_is_the_one_that_alembic_walks() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    walked = ScriptDirectory.from_config(config).walk_revisions()
    assert [script.revision for script in walked][::-1] == list(VERSIONS)


def test_a_migrated_database_is_current(database: Database) -> None:
    assert schema_state(database) == Current(version=NEWEST)


def test_a_database_without_tables_is_empty(empty: Database) -> None:
    assert schema_state(empty) == Empty()


def test_a_file_that_is_not_there_is_empty_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "twostep.db"
    database = open_database(str(path))
    assert schema_state(database) == Empty()
    database.close()
    assert not path.exists()


def test_tables_of_somebody_else_are_foreign(empty: Database) -> None:
    empty.write(
        lambda connection: connection.execute(text("CREATE TABLE theirs (id integer)")).close()
    )
    assert schema_state(empty) == Foreign(tables=("theirs",))


def test_a_version_that_this_program_does_not_know_is_newer(database: Database) -> None:
    later = text("UPDATE alembic_version SET version_num = '9999_later'")
    database.write(lambda connection: connection.execute(later).close())
    assert schema_state(database) == Newer(found="9999_later")
