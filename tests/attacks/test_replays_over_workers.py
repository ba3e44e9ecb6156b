"""AC-07 with real processes: two workers on one PostgreSQL, as it is served."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.helpers.at_once import at_once
from tests.helpers.house import sign_in
from tests.helpers.postgres import Cluster
from tests.helpers.prepared import prepared_server
from twostep.web.cookies import SESSION


@pytest.mark.postgresql
def test_ac_07_over_two_workers_one_of_two_hundred_gets_in(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    """AC-07, R-13, R-15: one good code, five sign-ins, two hundred requests at once."""
    server, phone = prepared_server(tmp_path, postgres_cluster.create_database(), workers=2)
    with server:
        assert len(server.workers()) == 2
        clients = [server.client() for _ in range(5)]
        forms = []
        for client in clients:
            assert sign_in(client).location == "/sign-in/code"
            forms.append(client.get("/sign-in/code").form().fields)
        code = phone.code()
        twins = [client.twin() for client in clients for _ in range(40)]
        acts = [
            partial(twin.post, "/sign-in/code", forms[number // 40] | {"code": code})
            for number, twin in enumerate(twins)
        ]
        answers = at_once(acts)
        # On a loaded machine some wait too long for a connection, and are asked to come back: 503.
        assert {answer.status for answer in answers} <= {303, 403, 503}
        lucky = [twin for twin in twins if SESSION in twin.cookies]
        assert len(lucky) == 1
        assert lucky[0].get("/").status == 200
