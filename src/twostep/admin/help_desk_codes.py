"""``/admin/users/<id>/help-desk-code``: **Help-desk code** (B-4), and **Withdraw**."""

from __future__ import annotations

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.acting import USERS_PATH, Doors, Opened, after_all, called, id_of
from twostep.admin.helping_forms import USUAL, minutes_offered, wanted, why
from twostep.admin.helping_views import CodeShown, NewHelpDeskCode, OpenCodeLine, WithdrawCode
from twostep.core.help_desk_codes import MOST_USES
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.spelling import spelled
from twostep.flows import help_desk_codes
from twostep.flows.administration import MayNot
from twostep.flows.help_desk_codes import CodesNotUsable, MadeCode, NothingToWithdraw, Withdrawn
from twostep.flows.notice_expansion import can_be_told
from twostep.i18n.audit_words import REASONS
from twostep.i18n.helping_notices import HelpingNotice
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofInDialog, Proven, asks_for_code
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
        self._signed_in = signed_in
        self._doors = Doors(site, signed_in)
        self._proof = ProofInDialog(site, signed_in)

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
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._page(request, opened)

    async def make(self, request: Request) -> Response:
        """A code was asked for, or one for the proof."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        errors: tuple[FieldError, ...] = ()
        if not asks_for_code(opened.form):
            errors = (*wanted(opened.form).errors, *why(opened.form).errors)
        if errors:
            return await self._page(request, opened, errors=errors)
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if isinstance(taken, Proven):
            return await self._make(request, opened, taken)
        return await self._page(request, opened, errors=taken)

    async def _make(self, request: Request, opened: Opened, proven: Proven) -> Response:
        asked, because = wanted(opened.form), why(opened.form)
        assert because.reason is not None
        assert asked.purpose is not None
        assert asked.minutes is not None
        assert asked.uses is not None
        outcome = await self._site.run(
            help_desk_codes.make,
            self._site.installation,
            proven.person,
            opened.user.id,
            purpose=asked.purpose,
            minutes=asked.minutes,
            uses=asked.uses,
            reason=because.reason,
            note=because.note,
            browser=self._proof.browser(request, proven),
        )
        match outcome:
            case MadeCode():
                return await self._shown(request, opened, proven, outcome)
            case CodesNotUsable():
                return self._proof.go(request, proven, request.url.path)
            case MayNot():
                return after_all(outcome, self._proof.go(request, proven, request.url.path))
            case _:
                assert_never(outcome)

    async def _shown(
        self, request: Request, opened: Opened, proven: Proven, made: MadeCode
    ) -> Response:
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
        return await self._site.page(request, view, person=proven.person, minted=proven.minted)

    async def show_withdraw(self, request: Request) -> Response:
        """What withdrawing does."""
        opened = await self._doors.shown(request, NEEDED)
        return opened if isinstance(opened, Response) else await self._withdrawal(request, opened)

    async def withdraw(self, request: Request) -> Response:
        """**Withdraw**."""
        opened = await self._doors.sent(request, NEEDED)
        if isinstance(opened, Response):
            return opened
        code_id = id_of(request.path_params["code"])
        taken = await self._proof.take(request, opened.person, opened.form)
        if isinstance(taken, Response):
            return taken
        if not isinstance(taken, Proven):
            return await self._withdrawal(request, opened, errors=taken)
        outcome = await self._site.run(
            help_desk_codes.withdraw,
            self._site.installation,
            taken.person,
            opened.user.id,
            code_id,
            browser=self._proof.browser(request, taken),
        )
        codes = f"{opened.back}/{WORD}"
        match outcome:
            case Withdrawn():
                path = saying(codes, HelpingNotice.CODE_WITHDRAWN)
                return self._proof.go(request, taken, path)
            case NothingToWithdraw():
                path = saying(codes, HelpingNotice.NO_SUCH_CODE)
                return self._proof.go(request, taken, path)
            case MayNot():
                return after_all(outcome, self._proof.go(request, taken, request.url.path))
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

    async def _page(
        self, request: Request, opened: Opened, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        form, because = opened.form, why(opened.form)
        asked = wanted(form) if "purpose" in form.names else USUAL
        view = NewHelpDeskCode(
            csrf=self._signed_in.csrf(request),
            called=called(opened.user),
            here=request.url.path,
            back=opened.back,
            caller_check=f"{opened.back}/check-caller",
            codes=await self._lines(opened),
            purpose=asked.purpose,
            minutes=minutes_offered(asked.minutes),
            uses=asked.typed_uses or "1",
            most_uses=MOST_USES,
            told=await self._told(opened),
            reasons=because.choices,
            note=because.note,
            proof=await self._proof.fields(request, opened.person),
            errors=errors,
        )
        return await self._site.page(
            request,
            view,
            person=opened.person,
            notice=notice_of(request),
            status=422 if errors else 200,
        )

    async def _withdrawal(
        self, request: Request, opened: Opened, *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        id_of(request.path_params["code"])
        lines, here = await self._lines(opened), request.url.path
        view = WithdrawCode(
            csrf=self._signed_in.csrf(request),
            called=called(opened.user),
            here=here,
            back=f"{opened.back}/{WORD}",
            line=next((line for line in lines if line.withdraw == here), None),
            proof=await self._proof.fields(request, opened.person),
            errors=errors,
        )
        status = 422 if errors else 200
        return await self._site.page(request, view, person=opened.person, status=status)
