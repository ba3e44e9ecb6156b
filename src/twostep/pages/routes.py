"""Every page, and where it is: data, so that a test can go through all of them."""

from __future__ import annotations

from starlette.routing import Route

from twostep.pages.code import CodePages
from twostep.pages.home import HomePages
from twostep.pages.new_password import NewPasswordPages
from twostep.pages.operation import OperationPages
from twostep.pages.pending import PendingPages
from twostep.pages.security import SecurityPages
from twostep.pages.set_up import SetUpPages
from twostep.pages.sign_in import SignInPages
from twostep.pages.signed_in import SignedInPages
from twostep.pages.welcome import WelcomePages
from twostep.web.site import Site


def routes(site: Site) -> list[Route]:
    """All routes of the pages."""
    pending, signed_in = PendingPages(site), SignedInPages(site)
    return [
        *SignInPages(site, pending).routes,
        *CodePages(site, pending).routes,
        *SetUpPages(site, pending, signed_in).routes,
        *NewPasswordPages(site, pending).routes,
        *HomePages(site, signed_in).routes,
        *SecurityPages(site, signed_in).routes,
        *WelcomePages(site).routes,
        *OperationPages(site).routes,
    ]
