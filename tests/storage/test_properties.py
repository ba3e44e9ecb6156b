"""Properties in SQL: what stands for an environment, and whose it is."""

from __future__ import annotations

from twostep.core.environments import Environment, Origin
from twostep.core.properties import Scope
from twostep.storage import environments, properties
from twostep.storage.database import Connection, Database
from twostep.storage.tables import INSTALLATION_ID

HERE = b"h" * 16
ELSEWHERE = b"e" * 16
ANN = b"a" * 16


def begin(database: Database) -> None:
    """Two environments, and a value of each kind."""

    def unit(connection: Connection) -> None:
        for id_, name in ((HERE, "here"), (ELSEWHERE, "elsewhere")):
            place = Environment(id=id_, name=name, primary=Origin("https", f"{name}.example", 443))
            environments.add(connection, place, key=name, now=1)
        put(connection, HERE, Scope.ENVIRONMENT, "7", by=ANN)
        put(connection, ELSEWHERE, Scope.ENVIRONMENT, "8")
        put(connection, INSTALLATION_ID, Scope.DEFAULT, "9")

    database.write(unit)


def put(
    connection: Connection, id_: bytes, scope: Scope, value: str, *, by: bytes | None = None
) -> properties.Change:
    return properties.put(connection, id_, scope, "days", value, now=2, changed_by=by)


def test_an_environment_sees_its_own_and_the_installations_rows(database: Database) -> None:
    begin(database)
    rows = database.read(lambda connection: properties.rows_of(connection, HERE))
    assert rows == {
        (Scope.ENVIRONMENT, "days"): properties.Row(
            value="7", generation=1, changed_at=2, changed_by=ANN
        ),
        (Scope.DEFAULT, "days"): properties.Row(
            value="9", generation=1, changed_at=2, changed_by=None
        ),
    }


def test_the_generation_rises_with_each_change_whatever_the_value(database: Database) -> None:
    begin(database)
    again = database.write(lambda connection: put(connection, HERE, Scope.ENVIRONMENT, "7"))
    assert (again.old, again.new, again.generation) == ("7", "7", 2)
