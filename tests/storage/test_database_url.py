"""Where the database is, in the ways in which people write it down."""

from pathlib import Path

import pytest

from twostep.storage.database import open_database
from twostep.storage.database_url import PostgresqlUrl, SqliteUrl, read_database_url
from twostep.storage.faults import UrlFault, WrongDatabaseUrl


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("twostep.db", Path.cwd() / "twostep.db"),
        ("data/two step%20.db", Path.cwd() / "data/two step%20.db"),
        ("/var/lib/twostep/twostep.db", Path("/var/lib/twostep/twostep.db")),
        ("sqlite:///twostep.db", Path.cwd() / "twostep.db"),
        ("sqlite:////var/lib/twostep/twostep.db", Path("/var/lib/twostep/twostep.db")),
    ],
)
def test_a_file_by_its_path_or_by_its_address(url: str, path: Path) -> None:
    assert read_database_url(url) == SqliteUrl(path=path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://twostep:secret@db.example.org:5433/twostep?sslmode=verify-full",
        "postgres://twostep@db.example.org/twostep",
        "postgresql:///twostep?host=/run/postgresql",
        "postgresql://a.example.org,b.example.org/twostep?target_session_attrs=read-write",
    ],
)
def test_a_server_in_every_way_that_its_own_library_knows(url: str) -> None:
    assert read_database_url(url) == PostgresqlUrl(conninfo=url)
    open_database(url).close()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", UrlFault.EMPTY),
        ("  ", UrlFault.EMPTY),
        ("mysql://root:hunter2@db/x", UrlFault.UNKNOWN_KIND),
        ("postgresql+asyncpg://root:hunter2@db/x", UrlFault.UNKNOWN_KIND),
        ("sqlite://", UrlFault.NO_FILE),
        ("sqlite:///", UrlFault.NO_FILE),
        ("sqlite:///folder/", UrlFault.NO_FILE),
        ("folder/", UrlFault.NO_FILE),
        ("a\0b", UrlFault.NO_FILE),
        ("sqlite:///:memory:", UrlFault.MEMORY),
        (":memory:", UrlFault.MEMORY),
        ("sqlite://twostep.db", UrlFault.HOST_IN_SQLITE),
        ("postgresql://u:hunter2%ZZ@db/x", UrlFault.UNREADABLE),
        ("postgresql://db/x?hunter2", UrlFault.UNREADABLE),
        ("postgresql://db:5432/x?no_such_setting=hunter2", UrlFault.UNREADABLE),
    ],
)
def test_a_wrong_one_is_refused_by_the_name_of_the_setting_and_with_a_way_out(
    url: str, fault: UrlFault
) -> None:
    with pytest.raises(WrongDatabaseUrl) as refusal:
        open_database(url)
    assert refusal.value.fault is fault
    assert "TWOSTEP_DATABASE" in str(refusal.value)
    assert "postgresql://user:password@host/name" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    # What libpq says of it may quote a piece of the password, so it is not kept as the context.
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_a_server_does_not_show_its_password() -> None:
    address = read_database_url("postgresql://u:hunter2@db/x")
    assert "hunter2" not in repr(address)
    assert "hunter2" not in str(address)
