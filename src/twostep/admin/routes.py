"""Every page of the administrators, and where it is."""

from __future__ import annotations

from starlette.routing import Route

from twostep.admin.properties import PropertiesPages
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


def routes(site: Site) -> list[Route]:
    """All routes of the administrators' pages."""
    return [*PropertiesPages(site, SignedInPages(site)).routes]
