"""When a block of addresses is slowed, and when it is not."""

import pytest

from twostep.core.networks import NETWORK, network_standing, site_of

NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        (100, 1_000),
        (199, 1_000),
        (200, 2_000),
        (300, 4_000),
        (400, 8_000),
        (500, 16_000),
        (600, 32_000),
        (700, 60_000),
        (999, 60_000),
    ],
)
def test_from_a_hundred_failures_on_each_is_followed_by_a_growing_pause(
    failures: int, pause: int
) -> None:
    found = network_standing(failures, NOW, now=NOW, schedule=NETWORK)
    assert found.retry_at == NOW + pause
    assert not found.refused
    assert network_standing(failures, NOW, now=NOW + pause, schedule=NETWORK).retry_at is None


@pytest.mark.parametrize(("failures", "newest_at"), [(0, None), (1, NOW), (99, NOW)])
def test_fewer_than_a_hundred_slow_nobody(failures: int, newest_at: int | None) -> None:
    """Of 2,000 people behind one address, 5 % mistype; they get in, and are forgiven."""
    found = network_standing(failures, newest_at, now=NOW, schedule=NETWORK)
    assert found.retry_at is None
    assert not found.refused


@pytest.mark.parametrize("failures", [1_000, 1_001, 50_000])
def test_from_a_thousand_on_everything_is_refused_with_a_time_to_come_back(failures: int) -> None:
    found = network_standing(failures, NOW - 9 * 60_000, now=NOW, schedule=NETWORK)
    assert found.refused
    assert found.retry_at == NOW + 60_000


def test_one_address_cannot_evaluate_more_than_a_few_hundred_in_ten_minutes() -> None:
    """One try after the other, as fast as the pauses allow, for an hour."""
    times, now = list[int](), NOW
    while now < NOW + 60 * 60_000:
        recent = [time for time in times if time > now - NETWORK.window]
        found = network_standing(len(recent), max(recent, default=None), now=now, schedule=NETWORK)
        if found.retry_at is None:
            times.append(now)
        else:
            now = found.retry_at
    most = max(sum(start <= time < start + NETWORK.window for time in times) for start in times)
    assert 300 < most < 400


def test_a_clock_that_was_set_back_pauses_no_block_that_no_pause_is_for() -> None:
    """One wrong password, and then the clock goes back an hour: everybody behind that address
    would wait for an hour.
    """
    found = network_standing(1, NOW + 3_600_000, now=NOW, schedule=NETWORK)
    assert found.retry_at is None


def test_a_site_is_a_network_of_256_addresses_or_one_of_a_house() -> None:
    assert site_of("192.0.2.1") == site_of("192.0.2.254") != site_of("192.0.3.1")
    assert site_of("2001:db8:1::1") == site_of("2001:db8:1:ffff::2") != site_of("2001:db8:2::1")
    assert site_of("no address") is None
