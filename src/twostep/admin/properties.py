"""``/admin/properties``: **System Properties**, for an administrator on a careful day."""

from __future__ import annotations

from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.property_forms import Typed, carried, read, wishes
from twostep.admin.property_page import page_of
from twostep.admin.views import SaveProperties
from twostep.core.permissions import Permission
from twostep.core.policies import TwoStepVerification
from twostep.core.properties import MODE
from twostep.flows import property_changes, step_up
from twostep.flows.mint import Minted
from twostep.flows.property_changes import (
    ChangedMeanwhile,
    NotPermitted,
    NotProven,
    Outcome,
    Saved,
    Wish,
)
from twostep.flows.sessions import Person
from twostep.i18n.matters import Matter
from twostep.i18n.notices import Notice, said
from twostep.web.acts import Act
from twostep.web.errors import StopRequest
from twostep.web.forms import Form
from twostep.web.fresh_proof import FreshProof, missing, session_over
from twostep.web.notices import notice_of, saying
from twostep.web.rendering import FieldError
from twostep.web.signed_in import SignedInPages
from twostep.web.site import Site, browser_of, see_other, visit_of

PATH = "/admin/properties"

Wishes = dict[str, Wish]


class PropertiesPages:
    """The properties of one environment."""

    def __init__(self, site: Site, signed_in: SignedInPages) -> None:
        self._site = site
        self._signed_in = signed_in
        self._proof = FreshProof(site)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.save, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The page. The proof is asked here, so that it is fresh when the form comes back."""
        person = await self._signed_in.person(request)
        if isinstance(person, Response):
            return person
        await self._demand_permission(request, person)
        unproven = await self._signed_in.unproven(person, Act.PROPERTIES)
        return unproven or await self._page(request, person)

    async def save(self, request: Request) -> Response:
        """The form was sent, from the page itself or from the question in between."""
        person, form = await self._signed_in.person_and_form(request)
        if isinstance(person, Response):
            return person
        await self._demand_permission(request, person)
        typed = read(form)
        facts = await self._facts(person)
        wanted, errors = wishes(typed, facts, now=self._site.installation.clock())
        if errors:
            return await self._page(request, person, typed=typed, errors=errors, status=422)
        if not wanted:
            return see_other(saying(PATH, Notice.NOTHING_CHANGED))
        return await self._ask_and_save(request, person, form, typed, dict(wanted))

    async def _ask_and_save(
        self, request: Request, person: Person, form: Form, typed: Typed, wanted: Wishes
    ) -> Response:
        """Ask what has to be asked first; what was typed goes along."""
        proof, off = await self._asked(person), _switches_off(wanted)
        unsure = off and not form.text("sure", longest=1)
        if unsure or (proof is not None and proof not in form.names):
            return await self._question(request, person, typed, proof=proof, off=off)
        if proof is None:
            return await self._save(request, person, typed, wanted)
        by_code = proof == "code"
        errors = missing(form, by_code=by_code)
        if not errors:
            outcome = await self._proof.compare(request, person, form, by_code=by_code)
            match outcome:
                case Minted():
                    now_proven = Person(person.user, outcome.session)
                    return await self._save(request, now_proven, typed, wanted, minted=outcome)
                case step_up.Ended():
                    return session_over()
                case _:
                    errors = (self._proof.error(outcome),)
        return await self._question(request, person, typed, proof=proof, off=off, errors=errors)

    async def _save(
        self,
        request: Request,
        person: Person,
        typed: Typed,
        wanted: Wishes,
        *,
        minted: Minted | None = None,
    ) -> Response:
        visit = visit_of(request)
        token = minted.token if minted else self._site.session_token(visit)
        outcome: Outcome = await self._site.run(
            property_changes.save,
            self._site.installation,
            person,
            wanted,
            browser=browser_of(visit, token),
        )
        match outcome:
            case Saved(names=names):
                notice = Notice.PROPERTIES_SAVED if names else Notice.NOTHING_CHANGED
                path = saying(PATH, notice)
                return self._site.signed_in(request, minted, path) if minted else see_other(path)
            case ChangedMeanwhile(names=names):
                return await self._page(
                    request, person, typed=typed, conflicts=names, status=409, minted=minted
                )
            case NotPermitted():
                raise StopRequest(Matter.FORBIDDEN, 403)
            case NotProven() if minted is None:
                proof, off = await self._asked(person), _switches_off(wanted)
                return await self._question(request, person, typed, proof=proof, off=off)
            case NotProven():
                return self._site.signed_in(request, minted, PATH)
            case _:
                assert_never(outcome)

    async def _asked(self, person: Person) -> str | None:
        """What has to be shown once more: ``code`` or ``password``; None where nothing."""
        step = await self._site.run(
            step_up.demanded, self._site.installation, person, Act.PROPERTIES.value
        )
        if not step_up.is_asked(step):
            return None
        return "code" if step_up.is_by_code(step) else "password"

    async def _demand_permission(self, request: Request, person: Person) -> None:
        """Raises StopRequest (403)."""
        held = await self._site.permissions(visit_of(request).environment, person)
        if Permission.SYSTEM_PROPERTIES not in held:
            raise StopRequest(Matter.FORBIDDEN, 403)

    async def _facts(self, person: Person) -> property_changes.Overview:
        return await self._site.run(
            property_changes.overview, self._site.installation, person.user.environment_id
        )

    async def _page(
        self,
        request: Request,
        person: Person,
        *,
        typed: Typed | None = None,
        errors: tuple[FieldError, ...] = (),
        conflicts: frozenset[str] = frozenset(),
        status: int = 200,
        minted: Minted | None = None,
    ) -> Response:
        if conflicts:
            errors = (*errors, FieldError(field="", said=said(Notice.CHANGED_MEANWHILE)))
        view = page_of(
            await self._facts(person),
            csrf=self._site.csrf(minted.token) if minted else self._signed_in.csrf(request),
            typed=typed,
            conflicts=conflicts,
            errors=errors,
        )
        return await self._site.page(
            request, view, person=person, notice=notice_of(request), status=status, minted=minted
        )

    async def _question(
        self,
        request: Request,
        person: Person,
        typed: Typed,
        *,
        proof: str | None,
        off: bool,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        view = SaveProperties(
            csrf=self._signed_in.csrf(request),
            carried=carried(typed),
            switching_off=off,
            with_step=(await self._facts(person)).with_step,
            proof=proof,
            user_name=person.user.name,
            issuer=visit_of(request).environment.name,
            errors=errors,
        )
        return await self._site.page(request, view, person=person, status=403 if errors else 200)


def _switches_off(wanted: Wishes) -> bool:
    return MODE in wanted and wanted[MODE].value == TwoStepVerification.OFF
