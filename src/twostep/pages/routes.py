"""The pages of everybody, and where they are."""

from __future__ import annotations

from starlette.routing import Route

from twostep.flows.user_links import LinkPurpose
from twostep.pages.code import CodePages
from twostep.pages.configure import ConfigurePages
from twostep.pages.configure_codes import ConfigureCodesPages
from twostep.pages.confirm import ConfirmPages
from twostep.pages.contacts import ContactPages
from twostep.pages.forgot_password import ForgotPasswordPages
from twostep.pages.help_desk_code import HelpDeskCodePages
from twostep.pages.home import HomePages
from twostep.pages.looks import LookPages
from twostep.pages.new_password import NewPasswordPages
from twostep.pages.operation import OperationPages
from twostep.pages.password_links import PasswordLinkPages
from twostep.pages.pending import PendingPages
from twostep.pages.recovery_codes import RecoveryCodePages
from twostep.pages.recovery_sign_in import RecoverySignInPages
from twostep.pages.security import SecurityPages
from twostep.pages.sent_code_confirm import SentCodeConfirmPages
from twostep.pages.sent_codes import SentCodePages
from twostep.pages.set_up import SetUpPages
from twostep.pages.sign_in import SignInPages
from twostep.pages.stay_signed_in import StaySignedInPages
from twostep.pages.welcome import WelcomePages
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


def routes(site: Site) -> list[Route]:
    """All routes of the pages."""
    pending, signed_in = PendingPages(site), SignedInPages(site)
    confirm = ConfirmPages(site, signed_in)
    return [
        *SignInPages(site, pending).routes,
        *CodePages(site, pending).routes,
        *SentCodePages(site, pending).routes,
        *HelpDeskCodePages(site, pending).routes,
        *SetUpPages(site, pending).routes,
        *ConfigurePages(site, signed_in).routes,
        *ConfigureCodesPages(site, signed_in).routes,
        *NewPasswordPages(site, pending).routes,
        *HomePages(site, signed_in).routes,
        *SecurityPages(site, signed_in).routes,
        *StaySignedInPages(site, signed_in).routes,
        *confirm.routes,
        *RecoveryCodePages(site, signed_in).routes,
        *ContactPages(site, signed_in).routes,
        *RecoverySignInPages(site, pending, signed_in, confirm).routes,
        *SentCodeConfirmPages(site, signed_in, confirm).routes,
        *ForgotPasswordPages(site).routes,
        *(route for each in LinkPurpose for route in PasswordLinkPages(site, each).routes),
        *WelcomePages(site).routes,
        *LookPages(site).routes,
        *OperationPages(site).routes,
    ]
