"""What the dialogs of administrators do in the same way, each of which is a page and an act.

It is asked first whether the dialog is open to this person: whoever may not do it learns nothing by
trying, and uses up none of their tries. What was typed is looked at next, and then the proof. Where
anything is wrong the page comes again with all that was typed; otherwise the act follows, whose
flow asks once more in its own transaction, and that alone counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Self, TypedDict, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from twostep.admin.acting import USERS_PATH, after_all, called, id_of, refusal
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows.administration import Acting, MayNot, reaching
from twostep.flows.sessions import Person
from twostep.flows.visitors import Browser
from twostep.i18n.notices import AnyNotice
from twostep.i18n.user_notices import UserNotice
from twostep.web.forms import Form
from twostep.web.notices import notice_of, saying
from twostep.web.proof_fields import ProofFields, ProofInDialog, Proven, asks_for_code
from twostep.web.rendering import FieldError, View
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A dialog as it stands. ``proven``: whose it is, and the session that their proof began;
    ``form``: what was sent, empty where nothing was; ``errors``: what is wrong with it.
    """

    request: Request
    proven: Proven
    form: Form
    errors: tuple[FieldError, ...] = ()

    @property
    def person(self) -> Person:
        """Whose it is."""
        return self.proven.person

    @property
    def here(self) -> str:
        """Where it is, and where its form goes."""
        return self.request.url.path

    def wrong(self, *errors: FieldError) -> Self:
        """The same with these errors."""
        return replace(self, errors=errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Standing):
    """A dialog on a user."""

    acting: Acting

    @property
    def user(self) -> User:
        """Whom it is about."""
        return self.acting.target

    @property
    def back(self) -> str:
        """The page of that user."""
        return f"{USERS_PATH}/{self.user.id.hex()}"


S = TypeVar("S", bound=Standing)

Step = Callable[[S], Awaitable[Response]]
"""What answers: the page of a dialog, or its act."""


class FormParts(TypedDict):
    """What stands in the view of every dialog."""

    csrf: str
    proof: ProofFields
    errors: tuple[FieldError, ...]


class Parts(FormParts):
    """The same of a dialog on a user."""

    here: str
    back: str
    called: str


def _nothing_wrong(_opened: Opened) -> tuple[FieldError, ...]:
    return ()


class Dialogs:
    """How dialogs begin, go on and end.

    ``own``: each act takes a proof for itself alone (AC-36).
    """

    def __init__(self, site: Site, signed_in: SignedInPages, *, own: bool = False) -> None:
        self._site = site
        self._signed_in = signed_in
        self._proof = ProofInDialog(site, signed_in)
        self._own = own

    async def show(self, request: Request, needed: Permission, page: Step[Opened]) -> Response:
        """A dialog on a user was opened. Raises StopRequest (403, 404)."""
        person = await self._signed_in.person(request)
        opened = await self._opened(request, person, needed, Form({}))
        return opened if isinstance(opened, Response) else await page(opened)

    async def send(
        self,
        request: Request,
        needed: Permission,
        page: Step[Opened],
        act: Step[Opened],
        *,
        check: Callable[[Opened], tuple[FieldError, ...]] = _nothing_wrong,
    ) -> Response:
        """Its form was sent. ``check`` says what is wrong with what was typed, and may raise
        StopRequest. Raises StopRequest (403, 404), and as a form does.
        """
        person, form = await self._signed_in.person_and_form(request)
        opened = await self._opened(request, person, needed, form)
        if isinstance(opened, Response):
            return opened
        return await self.prove(opened, page, act, errors=check(opened))

    async def prove(
        self, standing: S, page: Step[S], act: Step[S], *, errors: tuple[FieldError, ...] = ()
    ) -> Response:
        """Do the act once it is certain that it is they. Raises as ``ProofInDialog.take`` does."""
        if errors and not asks_for_code(standing.form):
            return await page(standing.wrong(*errors))
        taken = await self._proof.take(
            standing.request, standing.person, standing.form, own=self._own
        )
        match taken:
            case Response():
                return taken
            case Proven():
                proven = replace(standing, proven=taken)
                # A code was asked for, and none is needed any more: another tab has shown that it
                # is they. That is no word for the act, of whose fields none was looked at.
                return await (page if asks_for_code(standing.form) else act)(proven)
            case not_proven:
                return await page(standing.wrong(*not_proven))

    def browser(self, standing: Standing) -> Browser:
        """The browser for the flow of the act."""
        return self._proof.browser(standing.request, standing.proven)

    async def form_parts(self, standing: Standing) -> FormParts:
        """For the view of any dialog."""
        fields = await self._proof.fields(standing.request, standing.person, own=self._own)
        csrf = self._proof.csrf(standing.request, standing.proven)
        return FormParts(csrf=csrf, proof=fields, errors=standing.errors)

    async def parts(self, opened: Opened) -> Parts:
        """For the view of a dialog on a user."""
        parts = await self.form_parts(opened)
        return Parts(**parts, here=opened.here, back=opened.back, called=called(opened.user))

    async def page(self, standing: Standing, view: View, *, failed: int = 422) -> Response:
        """The view as a page, in the session that they are in now. ``failed``: the status where
        something is wrong.
        """
        return await self._site.page(
            standing.request,
            view,
            person=standing.person,
            minted=standing.proven.minted,
            notice=notice_of(standing.request),
            status=failed if standing.errors else 200,
        )

    def go(self, standing: Standing, path: str) -> Response:
        """On to another page, in the session that they are in now."""
        return self._proof.go(standing.request, standing.proven, path)

    def done(self, opened: Opened, notice: AnyNotice) -> Response:
        """Back to the page of the user, which says this."""
        return self.go(opened, saying(opened.back, notice))

    def refused(self, standing: Standing, why: MayNot) -> Response:
        """The flow refuses what was found open here. Raises StopRequest (403, 404)."""
        again = saying(standing.here, UserNotice.PROVE_AGAIN)
        return after_all(why, self.go(standing, again))

    async def _opened(
        self, request: Request, person: Person | Response, needed: Permission, form: Form
    ) -> Opened | Response:
        if isinstance(person, Response):
            return person
        target_id = id_of(request.path_params["id"])
        found = await self._site.run(reaching, self._site.installation, person, needed, target_id)
        if isinstance(found, MayNot):
            raise refusal(found)
        return Opened(request=request, proven=Proven(person=person), form=form, acting=found)
