"""The ``otpauth://`` address, read back as the three apps read it."""

import base64
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.authenticator_addresses import (
    LONGEST_ACCOUNT,
    LONGEST_ISSUER,
    key_as_text,
    key_in_groups,
    otpauth_address,
)
from twostep.core.authenticators import KEY_BYTES, Algorithm, Parameters

KEY = bytes(range(200, 220))
names = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120).filter(
    str.strip
)


@dataclass(frozen=True)
class Entry:
    """What an app shows and keeps after a scan."""

    issuer: str
    account: str
    key: bytes
    settings: tuple[str, int, int]
    filed_under: str


def pieces(address: str) -> tuple[str, dict[str, str]]:
    """Split an address by hand, as apps do: a plus stays a plus."""
    scheme, _, rest = address.partition("://")
    kind, _, rest = rest.partition("/")
    label, _, query = rest.partition("?")
    assert (scheme, kind) == ("otpauth", "totp")
    fields = dict(part.split("=", 1) for part in query.split("&"))
    assert len(fields) == query.count("&") + 1
    return label, fields


def key_of(fields: dict[str, str]) -> bytes:
    secret = fields["secret"]
    assert set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


def scanned_by_google(address: str) -> Entry:
    """Hides the prefix of the label where it equals the issuer; SHA-1, 6 and 30 are constants."""
    label, fields = pieces(address)
    whole, issuer = unquote(label), unquote(fields["issuer"])
    account = whole.removeprefix(issuer + ":")
    return Entry(issuer, account, key_of(fields), ("SHA1", 6, 30), whole)


def scanned_by_microsoft(address: str) -> Entry:
    """Files the entry under the label, over another of the same; ignores hash and period."""
    label, fields = pieces(address)
    issuer, _, account = unquote(label).partition(":")
    digits = int(fields.get("digits", "6"))
    return Entry(issuer, account, key_of(fields), ("SHA1", digits, 30), unquote(label))


def scanned_by_free_otp(address: str) -> Entry:
    """Takes the issuer from the prefix alone, splitting before it decodes."""
    label, fields = pieces(address)
    issuer, _, account = label.partition(":")
    settings = (
        fields.get("algorithm", "SHA1"),
        int(fields.get("digits", "6")),
        int(fields.get("period", "30")),
    )
    return Entry(unquote(issuer), unquote(account), key_of(fields), settings, unquote(label))


APPS = [scanned_by_google, scanned_by_microsoft, scanned_by_free_otp]


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize(
    ("issuer", "account", "shown"),
    [
        ("Northside Housing", "ann", ("Northside Housing", "ann")),
        ("Refugio Peñón", "josé@example.org", ("Refugio Peñón", "josé@example.org")),
        ("北側住宅", "安", ("北側住宅", "安")),
        ("A&B = C?", "50% + #1/2", ("A&B = C?", "50% + #1/2")),
        ("North: West", "corp:ann", ("North- West", "corp-ann")),
        ("  Two \t\r\n blanks ", " ann  lee ", ("Two blanks", "ann lee")),
        ("Cafe\u0301", "e\u0301", ("Caf\u00e9", "\u00e9")),
    ],
)
def test_each_app_shows_the_environment_and_the_user(
    app: Callable[[str], Entry], issuer: str, account: str, shown: tuple[str, str]
) -> None:
    entry = app(otpauth_address(issuer=issuer, account=account, key=KEY))
    assert (entry.issuer, entry.account) == shown
    assert entry.key == KEY
    assert entry.settings == ("SHA1", 6, 30)


@given(names, names)
def test_any_names_read_the_same_in_all_three_apps_and_stay_within_bounds(
    issuer: str, account: str
) -> None:
    address = otpauth_address(issuer=issuer, account=account, key=KEY)
    entries = [app(address) for app in APPS]
    assert len({(entry.issuer, entry.account, entry.key) for entry in entries}) == 1
    assert address.isascii()
    assert "+" not in address
    label, fields = pieces(address)
    assert label.count(":") == 1
    assert ":" not in unquote(label.partition(":")[0]) + unquote(label.partition(":")[2])
    assert fields["issuer"] == label.partition(":")[0]
    assert len(fields["issuer"]) <= LONGEST_ISSUER
    assert len(label) <= LONGEST_ISSUER + 1 + LONGEST_ACCOUNT


@given(names, names, names)
def test_different_user_names_never_share_a_label(issuer: str, one: str, other: str) -> None:
    """Microsoft's app would overwrite one key with the other."""

    def as_shown(name: str) -> list[str]:
        return unicodedata.normalize("NFC", name).replace(":", "-").split()

    first, second = (
        scanned_by_microsoft(otpauth_address(issuer=issuer, account=name, key=KEY)).filed_under
        for name in (one, other)
    )
    assert (first == second) == (as_shown(one) == as_shown(other))


def test_long_names_that_begin_alike_stay_two_labels() -> None:
    north, south = ("Department of Housing and Urban Care, " * 3 + end for end in "NS")
    addresses = (
        otpauth_address(issuer=north, account="ann", key=KEY),
        otpauth_address(issuer=south, account="ann", key=KEY),
        otpauth_address(issuer="Northside", account=north, key=KEY),
        otpauth_address(issuer="Northside", account=south, key=KEY),
    )
    assert len({pieces(address)[0] for address in addresses}) == 4


def test_a_name_at_the_bound_is_left_whole_and_one_more_character_cuts_it() -> None:
    whole = "x" * LONGEST_ISSUER
    assert pieces(otpauth_address(issuer=whole, account="a", key=KEY))[1]["issuer"] == whole
    cut = pieces(otpauth_address(issuer=whole + "x", account="a", key=KEY))[1]["issuer"]
    assert len(cut) == LONGEST_ISSUER
    assert cut.startswith("x" * 51 + "~")


def test_a_cut_name_ends_neither_inside_a_character_nor_in_a_blank() -> None:
    name = "\u5317 " * 40
    issuer = unquote(
        pieces(otpauth_address(issuer=name, account="a", key=KEY))[1]["issuer"], errors="strict"
    )
    assert issuer.startswith("\u5317 \u5317")
    assert " ~" not in issuer


@pytest.mark.parametrize("character", ["a", " a", "%", "\u00e9", "\u5317", "\U0001f3e0"])
def test_the_longest_address_fits_a_picture_that_a_phone_reads(character: str) -> None:
    address = otpauth_address(issuer=character * 200, account=character * 200, key=KEY)
    version = segno.make(address, error="m", boost_error=False, micro=False).version
    assert isinstance(version, int)
    assert version <= 12


@pytest.mark.parametrize(("issuer", "account"), [("", "ann"), (" \n", "ann"), ("North", "")])
def test_a_blank_name_is_an_error(issuer: str, account: str) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        otpauth_address(issuer=issuer, account=account, key=KEY)


def test_a_new_key_leaves_the_defaults_out() -> None:
    _, fields = pieces(otpauth_address(issuer="North", account="ann", key=KEY))
    assert set(fields) == {"secret", "issuer"}


def test_an_imported_key_spells_its_parameters_out() -> None:
    imported = Parameters(algorithm=Algorithm.SHA256, digits=8, period_seconds=60)
    address = otpauth_address(issuer="North", account="ann", key=KEY, parameters=imported)
    assert scanned_by_free_otp(address).settings == ("SHA256", 8, 60)


# --- the key as text


@given(st.binary(min_size=1, max_size=64))
def test_the_key_as_text_reads_back_with_or_without_its_groups(key: bytes) -> None:
    text = key_as_text(key)
    assert "=" not in text
    assert text == text.upper()
    assert key_in_groups(key).replace(" ", "") == text
    assert key_of({"secret": text}) == key


def test_a_new_key_is_shown_as_eight_groups_of_four() -> None:
    groups = key_in_groups(KEY).split(" ")
    assert len(KEY) == KEY_BYTES == 20
    assert [len(group) for group in groups] == [4] * 8
