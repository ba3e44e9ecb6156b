"""Gateways: the dead are refused with their name, and one that ends is dead after its day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from twostep.delivery.carriers import (
    CARRIERS,
    DeadGateway,
    Standing,
    carrier_of,
    demand_living_gateway,
    gateway_address,
)
from twostep.delivery.mail_form import demand_address
from twostep.delivery.numbers import NotANumber

TODAY = date(2026, 11, 21)
BY_KEY = {carrier.key: carrier for carrier in CARRIERS}


def test_each_carrier_has_a_key_domains_and_a_source_of_its_own() -> None:
    assert len(BY_KEY) == len(CARRIERS)
    domains = [domain for carrier in CARRIERS for domain in carrier.domains]
    assert len(set(domains)) == len(domains)
    for carrier in CARRIERS:
        assert carrier.source.startswith("https://")
        assert carrier.read_on <= TODAY
        assert all(demand_address(f"1@{domain}") for domain in carrier.domains)


@pytest.mark.parametrize(
    "domain", ["tmomail.net", "txt.att.net", "MMS.ATT.NET", "messaging.sprintpcs.com."]
)
def test_an_address_at_a_dead_gateway_is_refused_with_its_carrier(domain: str) -> None:
    with pytest.raises(DeadGateway) as refused:
        demand_living_gateway(f"2025550142@{domain}", day=TODAY)
    assert refused.value.carrier.name in str(refused.value)


def test_a_dying_gateway_lives_until_its_last_day() -> None:
    verizon = BY_KEY["verizon"]
    assert verizon.ends_on
    last = verizon.ends_on - timedelta(days=1)
    assert verizon.standing_on(last) is Standing.DYING
    assert gateway_address(verizon, "+12025550142", day=last) == "2025550142@vtext.com"
    with pytest.raises(DeadGateway):
        gateway_address(verizon, "+12025550142", day=verizon.ends_on)


def test_a_gateway_that_nobody_knows_is_the_operator_s_affair() -> None:
    assert carrier_of("2025550142@text.example") is None
    assert demand_living_gateway("2025550142@text.example", day=TODAY) is None
    assert demand_living_gateway("2025550142@msg.fi.google.com", day=TODAY) is BY_KEY["google_fi"]


def test_a_number_of_another_country_has_no_gateway_there() -> None:
    with pytest.raises(NotANumber):
        gateway_address(BY_KEY["google_fi"], "+442079460958", day=TODAY)
