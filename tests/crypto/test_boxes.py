"""A sealed value opens where it was sealed, and nowhere else (AC-65)."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.key_rings import ACME, GLOBE, keys_in_memory
from twostep.core.keys import KeyPurpose
from twostep.crypto.boxes import BoxDamaged, BoxPurpose, Context, Sealed, open_with, seal_with
from twostep.crypto.keys import KeyRing
from twostep.crypto.secret import KeyVersion, Secret

IDS = st.binary(min_size=16, max_size=16)
CONTEXTS = st.builds(
    Context,
    purpose=st.sampled_from(BoxPurpose),
    environment_id=IDS,
    user_id=IDS,
    credential_id=IDS,
)
KEY = KeyVersion(version=1, secret=Secret(b"k" * 32))
ADA = b"ada " * 4
BOB = b"bob " * 4
FIRST = b"frst" * 4
SECOND = b"scnd" * 4


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """With two environments, and two versions of the first one's key."""
    memory = keys_in_memory(tmp_path_factory.mktemp("keys"), ACME, GLOBE)
    memory.add_version(KeyPurpose.BOX, version=2, environment_id=ACME)
    return memory.ring()


@given(plaintext=st.binary(max_size=200), context=CONTEXTS)
def test_what_was_sealed_opens_in_its_own_context(plaintext: bytes, context: Context) -> None:
    sealed = seal_with(KEY, Secret(plaintext), context=context)
    assert open_with(KEY, sealed.blob, context=context) == Secret(plaintext)
    assert sealed.key_version == 1


@given(sealed_in=CONTEXTS, opened_in=CONTEXTS)
def test_a_box_opens_in_no_other_context(sealed_in: Context, opened_in: Context) -> None:
    """AC-65: a database writer can move boxes about, and gains nothing by it."""
    sealed = seal_with(KEY, Secret(b"seed"), context=sealed_in)
    if sealed_in == opened_in:
        assert open_with(KEY, sealed.blob, context=opened_in) == Secret(b"seed")
    else:
        with pytest.raises(BoxDamaged):
            open_with(KEY, sealed.blob, context=opened_in)


@given(context=CONTEXTS, data=st.data())
def test_each_part_of_the_context_is_bound_by_itself(context: Context, data: st.DataObject) -> None:
    """AC-65, one part at a time: random contexts would nearly always differ in all of them."""
    id_ = data.draw(IDS)
    others = [
        replace(context, environment_id=id_),
        replace(context, user_id=id_),
        replace(context, credential_id=id_),
        *(replace(context, purpose=purpose) for purpose in BoxPurpose),
    ]
    elsewhere = data.draw(st.sampled_from([other for other in others if other != context]))
    sealed = seal_with(KEY, Secret(b"seed"), context=context)
    with pytest.raises(BoxDamaged):
        open_with(KEY, sealed.blob, context=elsewhere)


def test_parts_of_the_context_cannot_lend_bytes_to_each_other() -> None:
    one = Context(
        purpose=BoxPurpose.PASSWORD, environment_id=ACME, user_id=b"ab", credential_id=b"c"
    )
    blob = seal_with(KEY, Secret(b"seed"), context=one).blob
    with pytest.raises(BoxDamaged):
        open_with(KEY, blob, context=replace(one, user_id=b"a", credential_id=b"bc"))


@given(context=CONTEXTS, at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_box_with_any_bit_flipped_does_not_open(context: Context, at: int, bit: int) -> None:
    blob = bytearray(seal_with(KEY, Secret(b"twenty bytes of seed"), context=context).blob)
    blob[at % len(blob)] ^= 1 << bit
    with pytest.raises(BoxDamaged):
        open_with(KEY, bytes(blob), context=context)


@given(blob=st.binary(max_size=80), context=CONTEXTS)
def test_bytes_that_are_no_box_do_not_open(blob: bytes, context: Context) -> None:
    with pytest.raises(BoxDamaged):
        open_with(KEY, blob, context=context)


def test_the_same_value_sealed_twice_is_two_different_boxes() -> None:
    context = Context.of_password(environment_id=ACME, user_id=ADA, changed_at=1)
    blobs = {seal_with(KEY, Secret(b"same"), context=context).blob for _ in range(20)}
    assert len(blobs) == 20


def sealed_seeds(ring: KeyRing) -> Iterator[tuple[Context, Sealed]]:
    """The authenticators and passwords of two users in two environments, each with an older one."""
    for environment_id in (ACME, GLOBE):
        for user_id in (ADA, BOB):
            contexts = [
                Context.of_authenticator(
                    environment_id=environment_id, user_id=user_id, authenticator_id=id_
                )
                for id_ in (FIRST, SECOND)
            ] + [
                Context.of_password(
                    environment_id=environment_id, user_id=user_id, changed_at=changed_at
                )
                for changed_at in (1000, 2000)
            ]
            for context in contexts:
                yield context, ring.seal(Secret(repr(context).encode()), context=context)


def test_no_two_rows_can_exchange_their_boxes(ring: KeyRing) -> None:
    """AC-65: A's for B's, one environment's for another's, an older credential's for today's."""
    rows = list(sealed_seeds(ring))
    assert len(rows) == 16
    for context, box in rows:
        opened = ring.open_box(box.blob, key_version=box.key_version, context=context)
        assert opened == Secret(repr(context).encode())
    for (one, box), (other, other_box) in combinations(rows, 2):
        for context, foreign in ((one, other_box), (other, box)):
            with pytest.raises(BoxDamaged):
                ring.open_box(foreign.blob, key_version=foreign.key_version, context=context)


def test_a_box_does_not_open_under_another_key_version_of_its_environment(ring: KeyRing) -> None:
    """AC-65: the version beside a box cannot be changed to bring an old box back."""
    context = Context.of_password(environment_id=ACME, user_id=ADA, changed_at=1)
    box = ring.seal(Secret(b"phc"), context=context)
    assert box.key_version == 2
    with pytest.raises(BoxDamaged):
        ring.open_box(box.blob, key_version=1, context=context)


def test_one_key_under_two_version_numbers_is_two_keys() -> None:
    context = Context.of_password(environment_id=ACME, user_id=ADA, changed_at=1)
    blob = seal_with(KEY, Secret(b"phc"), context=context).blob
    with pytest.raises(BoxDamaged):
        open_with(KeyVersion(version=2, secret=KEY.secret), blob, context=context)


def test_an_error_tells_nothing_of_what_is_in_the_box(tmp_path: Path) -> None:
    context = Context.of_password(environment_id=ACME, user_id=ADA, changed_at=1)
    blob = bytearray(seal_with(KEY, Secret(b"the seed itself"), context=context).blob)
    blob[-1] ^= 1
    with pytest.raises(BoxDamaged) as caught:
        open_with(KEY, bytes(blob), context=context)
    assert "seed" not in str(caught.value)
    assert caught.value.__cause__ is None
