"""Whether numbers are of any use in an environment: its terms for texts, and whether a provider is
there to send them (AC-53).
"""

from __future__ import annotations

from twostep.core.properties import text_terms_of
from twostep.core.text_terms import TextTerms
from twostep.flows.delivery_routes import RouteUnusable, own_delivery
from twostep.flows.installation import Installation
from twostep.flows.properties import stored_of


def terms_of(installation: Installation, environment_id: bytes) -> TextTerms:
    """The environment's terms."""
    return text_terms_of(stored_of(installation, environment_id))


def takes_numbers(installation: Installation, environment_id: bytes, *, ours: bool) -> bool:
    """Whether people can enter a number. ``ours``: the installation has a provider."""
    if not terms_of(installation, environment_id).open:
        return False
    try:
        return ours or own_delivery(installation, environment_id).texts is not None
    except RouteUnusable:
        return False
