"""Every page of the administrators, and where it is."""

from __future__ import annotations

from starlette.routing import Route

from twostep.admin.address_readiness import AddressReadinessPages
from twostep.admin.messages import MessagePages
from twostep.admin.properties import PropertiesPages
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


def routes(site: Site) -> list[Route]:
    """All routes of the administrators' pages."""
    signed_in = SignedInPages(site)
    return [
        *PropertiesPages(site, signed_in).routes,
        *AddressReadinessPages(site, signed_in).routes,
        *MessagePages(site, signed_in).routes,
    ]
