"""Every page of the administrators, and where it is."""

from __future__ import annotations

from starlette.routing import Route

from twostep.admin.address_readiness import AddressReadinessPages
from twostep.admin.audit import AuditPages
from twostep.admin.caller_checks import CallerCheckPages
from twostep.admin.help_desk_codes import HelpDeskCodePages
from twostep.admin.messages import MessagePages
from twostep.admin.overview import OverviewPages
from twostep.admin.password_resets import PasswordResetPages
from twostep.admin.permissions import PermissionPages
from twostep.admin.persons import PersonPages
from twostep.admin.properties import PropertiesPages
from twostep.admin.report import ReportPages
from twostep.admin.two_step_pauses import TwoStepPausePages
from twostep.admin.two_step_removals import TwoStepRemovalPages
from twostep.admin.user_acts import UserActPages
from twostep.admin.user_edits import UserEditPages
from twostep.admin.user_import import ImportPages
from twostep.admin.user_import_list import ImportListPages
from twostep.admin.user_invite import InvitePages
from twostep.admin.user_invite_again import InviteAgainPages
from twostep.admin.user_lists import UserListPages
from twostep.admin.user_page import UserPages
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


def routes(site: Site) -> list[Route]:
    """All routes of the administrators' pages."""
    signed_in = SignedInPages(site)
    return [
        *OverviewPages(site, signed_in).routes,
        *PropertiesPages(site, signed_in).routes,
        *AddressReadinessPages(site, signed_in).routes,
        *MessagePages(site, signed_in).routes,
        *AuditPages(site, signed_in).routes,
        *ReportPages(site, signed_in).routes,
        *UserListPages(site, signed_in).routes,
        *PermissionPages(site, signed_in).routes,
        *InvitePages(site, signed_in).routes,
        *ImportPages(site, signed_in).routes,
        *ImportListPages(site, signed_in).routes,
        *InviteAgainPages(site, signed_in).routes,
        *PasswordResetPages(site, signed_in).routes,
        *TwoStepRemovalPages(site, signed_in).routes,
        *TwoStepPausePages(site, signed_in).routes,
        *HelpDeskCodePages(site, signed_in).routes,
        *CallerCheckPages(site, signed_in).routes,
        *UserActPages(site, signed_in).routes,
        *UserEditPages(site, signed_in).routes,
        *PersonPages(site, signed_in).routes,
        # The last one: whatever stands where an id does would be taken for one.
        *UserPages(site, signed_in).routes,
    ]
