"""``/admin/users/<id>/help-desk-code``: **Help-desk code** (B-4), and **Withdraw**."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, called, id_of
from twostep.admin.dialogs import Dialogs, Opened
from twostep.admin.helping_forms import USUAL, form_id, minutes_offered, wanted, why
from twostep.admin.helping_views import CodeShown, NewHelpDeskCode, OpenCodeLine, WithdrawCode
from twostep.core.help_desk_codes import MOST_USES
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.spelling import spelled
from twostep.flows import help_desk_codes
from twostep.flows.administration import MayNot
from twostep.flows.help_desk_codes import (
    CodesNotUsable,
    MadeBefore,
    MadeCode,
    NobodyToLetIn,
    NothingToWithdraw,
    Withdrawn,
)
from twostep.flows.notice_expansion import can_be_told
from twostep.i18n.audit_words import REASONS
from twostep.i18n.helping_notices import HelpingNotice
from twostep.web.notices import saying
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site

WORD: Final = "help-desk-code"
PATH: Final = f"{USERS_PATH}/{{id}}/{WORD}"
WITHDRAW_PATH: Final = f"{PATH}/{{code}}/withdraw"

NEEDED: Final = Permission.HELP_DESK_CODES


class HelpDeskCodePages:
    """Making a code, seeing which are alive, and withdrawing one."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._dialogs = Dialogs(site, signed_in)

    @property
    def routes(self) -> list[Route]:
        """Where these pages are."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.make, methods=["POST"]),
            Route(WITHDRAW_PATH, self.show_withdraw, methods=["GET"]),
            Route(WITHDRAW_PATH, self.withdraw, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What a code is for, and those that there are."""
        return await self._dialogs.show(request, NEEDED, self._page)

    async def make(self, request: Request) -> Response:
        """A code was asked for, or one for the proof."""
        return await self._dialogs.send(request, NEEDED, self._page, self._make, check=_wrong)

    async def _make(self, opened: Opened) -> Response:
        asked, because = wanted(opened.form), why(opened.form)
        assert because.reason is not None
        assert asked.purpose is not None
        assert asked.minutes is not None
        assert asked.uses is not None
        outcome = await self._site.run(
            help_desk_codes.make,
            self._site.installation,
            opened.person,
            opened.user.id,
            purpose=asked.purpose,
            minutes=asked.minutes,
            uses=asked.uses,
            reason=because.reason,
            note=because.note,
            browser=self._dialogs.browser(opened),
            code_id=form_id(opened.form),
        )
        match outcome:
            case MadeCode():
                return await self._shown(opened, outcome)
            case MadeBefore():
                return self._dialogs.go(opened, saying(opened.here, HelpingNotice.MADE_BEFORE))
            case NobodyToLetIn():
                return self._dialogs.done(opened, HelpingNotice.NOBODY_TO_LET_IN)
            case CodesNotUsable():
                return self._dialogs.go(opened, opened.here)
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _shown(self, opened: Opened, made: MadeCode) -> Response:
        """The code stands in this answer alone: nowhere in an address, and in no other page."""
        code = made.code.reveal()
        view = CodeShown(
            called=called(opened.user),
            back=opened.back,
            code=code,
            groups=spelled(code),
            purpose=made.purpose,
            until=made.until,
            uses=made.uses,
            told=await self._told(opened),
        )
        return await self._dialogs.page(opened, view)

    async def show_withdraw(self, request: Request) -> Response:
        """What withdrawing does."""
        return await self._dialogs.show(request, NEEDED, self._withdrawal)

    async def withdraw(self, request: Request) -> Response:
        """**Withdraw**."""
        return await self._dialogs.send(
            request, NEEDED, self._withdrawal, self._withdraw, check=_demand_id
        )

    async def _withdraw(self, opened: Opened) -> Response:
        outcome = await self._site.run(
            help_desk_codes.withdraw,
            self._site.installation,
            opened.person,
            opened.user.id,
            _id(opened),
            browser=self._dialogs.browser(opened),
        )
        codes = f"{opened.back}/{WORD}"
        match outcome:
            case Withdrawn():
                return self._dialogs.go(opened, saying(codes, HelpingNotice.CODE_WITHDRAWN))
            case NothingToWithdraw():
                return self._dialogs.go(opened, saying(codes, HelpingNotice.NO_SUCH_CODE))
            case MayNot():
                return self._dialogs.refused(opened, outcome)
            case _:
                assert_never(outcome)

    async def _told(self, opened: Opened) -> bool:
        return await self._site.run(
            can_be_told, self._site.installation, opened.user, MessageKind.HELP_DESK_CODE
        )

    async def _lines(self, opened: Opened) -> tuple[OpenCodeLine, ...]:
        user = opened.user
        codes = await self._site.run(
            help_desk_codes.codes_of, self._site.installation, user.environment_id, user.id
        )
        return tuple(
            OpenCodeLine(
                purpose=row.code.purpose,
                made_at=row.made_at,
                until=row.code.ends_at,
                uses_left=row.code.uses_left,
                reason=REASONS[row.reason],
                note=row.note,
                withdraw=f"{opened.back}/{WORD}/{row.code.id.hex()}/withdraw",
            )
            for row in codes
        )

    async def _page(self, opened: Opened) -> Response:
        form, because = opened.form, why(opened.form)
        asked = wanted(form) if "purpose" in form.names else USUAL
        view = NewHelpDeskCode(
            **await self._dialogs.parts(opened),
            form_id=help_desk_codes.new_code_id().hex(),
            caller_check=f"{opened.back}/check-caller",
            codes=await self._lines(opened),
            purpose=asked.purpose,
            minutes=minutes_offered(asked.minutes),
            uses=asked.typed_uses or "1",
            most_uses=MOST_USES,
            told=await self._told(opened),
            reasons=because.choices,
            note=because.note,
        )
        return await self._dialogs.page(opened, view)

    async def _withdrawal(self, opened: Opened) -> Response:
        _id(opened)
        lines, parts = await self._lines(opened), await self._dialogs.parts(opened)
        parts["back"] = f"{opened.back}/{WORD}"
        line = next((line for line in lines if line.withdraw == opened.here), None)
        return await self._dialogs.page(opened, WithdrawCode(**parts, line=line))


def _wrong(opened: Opened) -> tuple[FieldError, ...]:
    return (*wanted(opened.form).errors, *why(opened.form).errors)


def _id(opened: Opened) -> bytes:
    """Raises StopRequest (404)."""
    return id_of(opened.request.path_params["code"])


def _demand_id(opened: Opened) -> tuple[FieldError, ...]:
    """Raises StopRequest (404), before any proof is compared."""
    _id(opened)
    return ()
