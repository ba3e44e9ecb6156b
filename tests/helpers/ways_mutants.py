"""Changes to the rules about sent codes, each of which somebody could make by mistake.

What a code belongs to is held twice: by the row in which it is looked for, and by the hash that it
is compared with. A mutant that forgets one thing forgets it in both; that the hash holds each by
itself is what tests/attacks/test_sent_codes.py shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import and_, update

from tests.helpers.ways_machine import Acts
from twostep.core.policies import Method
from twostep.core.sent_codes import TRIES, SentCode, SentFor
from twostep.core.situations import SENT_KINDS, Credentials, Proof, Situation
from twostep.crypto.secret import KeyVersion
from twostep.flows import contact_entries, sent_code_checks
from twostep.flows import sent_codes as sending
from twostep.storage import sent_codes as stored
from twostep.storage.database import Connection
from twostep.storage.sent_codes import Bound
from twostep.storage.tables import sent_codes as table

Patch = pytest.MonkeyPatch
Apply = Callable[[Patch], None]


@dataclass(frozen=True)
class Mutant:
    """``acts``: a few acts of tests/helpers/ways_machine.py that show the difference."""

    apply: Apply
    acts: Acts


MUTANTS: dict[str, Mutant] = {}


def _mutant(*acts: tuple[Any, ...]) -> Callable[[Apply], Apply]:
    def keep(apply: Apply) -> Apply:
        MUTANTS[apply.__name__] = Mutant(apply, acts)
        return apply

    return keep


def _forget(patch: Patch, *parts: str) -> None:
    """Neither the row nor the hash knows these parts of what a code belongs to."""
    columns = {
        "environment_id": table.c.environment_id,
        "user_id": table.c.user_id,
        "sign_in_id": table.c.sign_in_id,
        "purpose": table.c.purpose,
    }
    kept = {name: column for name, column in columns.items() if name not in parts}

    def of(bound: Bound) -> Any:
        return and_(*(column == getattr(bound, name) for name, column in kept.items()))

    plain = sending.hashed

    def hashed(key: KeyVersion, bound: Bound, method: Method, contact: bytes, typed: str) -> bytes:
        less = replace(bound, sign_in_id=b"") if "sign_in_id" in parts else bound
        if "purpose" in parts:
            less = replace(less, purpose=SentFor.SIGN_IN)
        return plain(key, less, method, contact, typed)

    patch.setattr(stored, "_of", of)
    for module in (sending, sent_code_checks):
        patch.setattr(module, "hashed", hashed)


@_mutant(("start",), ("send", 1, "email"), ("type_in", 0, "email", "foreign", True, ""))
def the_sign_in_is_forgotten(patch: Patch) -> None:
    _forget(patch, "sign_in_id")


@_mutant(
    ("send", 0, "phone"),
    ("send", 0, "email"),
    ("type_in", 0, "phone", "own", True, ""),
    ("prove", "email", "foreign", 0),
)
def the_purpose_is_forgotten(patch: Patch) -> None:
    _forget(patch, "purpose")


@_mutant(("send", 0, "phone"), ("type_in", 0, "email", "older", True, ""))
def the_method_is_forgotten(patch: Patch) -> None:
    plain = sending.hashed
    for module in (sending, sent_code_checks):
        patch.setattr(
            module,
            "hashed",
            lambda key, bound, _, *more: plain(key, bound, Method.EMAIL_CODE, *more),
        )
    patch.setattr(
        stored, "_live", lambda bound, _method: and_(stored._of(bound), table.c.state == "live")
    )
    newest = stored.newest
    patch.setattr(
        stored, "newest", lambda connection, bound, _method=None: newest(connection, bound)
    )


@_mutant(("type_in", 0, "email", "own", True, "resend"))
def a_code_is_spent_though_it_is_no_longer_alive(patch: Patch) -> None:
    def use_up(connection: Connection, bound: Bound, code_id: bytes) -> bool:
        this = (stored._of(bound), table.c.id == code_id)
        connection.execute(update(table).where(*this).values(state="used"))
        return True

    patch.setattr(stored, "use_up", use_up)


@_mutant(
    ("type_in", 0, "phone", "own", True, ""),
    ("prove", "email", "own", 0),
    ("prove", "email", "again", 0),
)
def a_code_is_not_spent(patch: Patch) -> None:
    patch.setattr(stored, "use_up", lambda *_: True)


@_mutant(("type_in", 0, "email", "own", True, "address"))
def the_address_is_forgotten(patch: Patch) -> None:
    plain = Credentials.still_has

    def still_has(self: Credentials, proof: Proof) -> bool:
        return proof.kind in SENT_KINDS or plain(self, proof)

    patch.setattr(Credentials, "still_has", still_has)
    patch.setattr(contact_entries, "end_everything", lambda *_given, **_named: None)


@_mutant(("type_in", 0, "email", "wrong", True, ""), ("type_in", 0, "email", "own", True, ""))
def a_code_takes_any_number_of_tries(patch: Patch) -> None:
    patch.setattr(stored, "TRIES", 1_000)
    patch.setattr(SentCode, "takes_tries", lambda self, now: now < self.expires_at)


@_mutant(("time_passes_until_a_code_is_over", 0), ("type_in", 0, "email", "own", True, ""))
def a_code_lives_for_ever(patch: Patch) -> None:
    plain = stored.reserve_try
    patch.setattr(stored, "reserve_try", lambda *given, now: plain(*given, now=0 * now))
    patch.setattr(SentCode, "takes_tries", lambda self, _now: self.tries < TRIES)


@_mutant(("send", 0, "email"), ("type_in", 0, "email", "older", True, ""))
def a_new_code_leaves_the_one_before(patch: Patch) -> None:
    """Of all that are alive any is good: each one replaced is compared as well."""
    plain = sent_code_checks.compare

    def compare(installation: Any, tried: Any, digits: str) -> bool:
        def before(connection: Connection) -> Sequence[tuple[bytes, bytes]]:
            earlier = stored._of(tried.bound), table.c.method == tried.stored.method.value
            rows = connection.execute(table.select().where(*earlier)).all()
            return [(row.code_hash, row.contact_id) for row in rows]

        found = installation.database.read(before)
        others = [
            replace(tried, stored=replace(tried.stored, code_hash=code, contact_id=to))
            for code, to in found
        ]
        return any(plain(installation, other, digits) for other in others)

    patch.setattr(sent_code_checks, "compare", compare)


@_mutant(("address_changes", "phone"), ("type_in", 0, "email", "own", True, ""))
def what_was_begun_outlasts_an_address(patch: Patch) -> None:
    patch.setattr(contact_entries, "end_everything", lambda *_given, **_named: None)


@_mutant(("type_in", 0, "email", "own", True, "disable"))
def a_disabled_method_counts(patch: Patch) -> None:
    patch.setattr(Situation, "newest_allowed", Situation.newest)
