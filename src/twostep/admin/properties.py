"""``/admin/properties``: **System Properties**, for an administrator on a careful day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twostep.admin.holders import HolderDoor
from twostep.admin.property_forms import Typed, carried, read, wishes
from twostep.admin.property_page import page_of
from twostep.admin.property_questions import no_way_in, question_about, shuts_everybody_out
from twostep.admin.views import SaveProperties
from twostep.core.address_readiness import Gap
from twostep.core.permissions import Permission
from twostep.flows import address_readiness, property_changes, step_up
from twostep.flows.address_readiness import Count
from twostep.flows.mint import Minted
from twostep.flows.property_changes import (
    ChangedMeanwhile,
    NobodyComesIn,
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
from twostep.web.fresh_proof import CodeSentTo, FreshProof, missing, session_over
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
        self._door = HolderDoor(site, signed_in, Permission.SYSTEM_PROPERTIES)
        self._proof = FreshProof(site)

    @property
    def routes(self) -> list[Route]:
        """Where this page is."""
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.save, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The page. The proof is asked here, so that it is fresh when the form comes back."""
        person = await self._door.shown(request)
        if isinstance(person, Response):
            return person
        unproven = await self._signed_in.unproven(person, Act.PROPERTIES)
        return unproven or await self._page(request, person)

    async def save(self, request: Request) -> Response:
        """The form was sent, from the page itself or from the question in between."""
        person, form = await self._door.sent(request)
        if isinstance(person, Response):
            return person
        typed = read(form)
        facts = await self._facts(person)
        wanted, errors = wishes(typed, facts, now=self._site.installation.clock())
        if not errors and shuts_everybody_out(wanted, facts):
            errors = no_way_in()
        if errors:
            return await self._page(request, person, typed=typed, errors=errors, status=422)
        if not wanted:
            return see_other(saying(PATH, Notice.NOTHING_CHANGED))
        return await self._ask_and_save(request, person, form, typed, dict(wanted))

    async def _ask_and_save(
        self, request: Request, person: Person, form: Form, typed: Typed, wanted: Wishes
    ) -> Response:
        """Ask what has to be asked first; what was typed goes along."""
        proof = await self._asked(person)
        unsure = not form.text("sure", longest=1)
        if unsure:
            unsure = question_about(wanted, await self._facts(person)).is_asked
        field = "password" if proof == step_up.By.PASSWORD else "code"
        if unsure or (proof is not None and field not in form.names):
            return await self._question(request, person, typed, wanted, proof=proof)
        if proof is None:
            return await self._save(request, person, typed, wanted)
        by = step_up.By(proof)
        errors = missing(form, by=by)
        if not errors:
            outcome = await self._proof.compare(request, person, form, by=by)
            match outcome:
                case Minted():
                    now_proven = Person(person.user, outcome.session)
                    return await self._save(request, now_proven, typed, wanted, minted=outcome)
                case step_up.Ended():
                    return session_over()
                case _:
                    errors = (self._proof.error(outcome),)
        return await self._question(request, person, typed, wanted, proof=proof, errors=errors)

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
            case NobodyComesIn():
                return await self._page(
                    request, person, typed=typed, errors=no_way_in(), status=422, minted=minted
                )
            case NotPermitted():
                raise StopRequest(Matter.FORBIDDEN, 403)
            case NotProven() if minted is None:
                proof = await self._asked(person)
                return await self._question(request, person, typed, wanted, proof=proof)
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
        return step_up.asked_by(step).value

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
        facts = await self._facts(person)
        place = (self._site.installation, person.user.environment_id)
        way = question_about({}, facts).way
        view = page_of(
            facts,
            counts=await self._site.run(address_readiness.counts, *place, way),
            csrf=self._site.csrf(minted.token) if minted else self._signed_in.csrf(request),
            ways=await self._site.ways_out(visit_of(request).environment),
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
        wanted: Wishes,
        *,
        proof: str | None,
        errors: tuple[FieldError, ...] = (),
    ) -> Response:
        facts = await self._facts(person)
        question = question_about(wanted, facts)
        counts: Mapping[Gap, Count] = {}
        if question.needs_addresses:
            place = (self._site.installation, person.user.environment_id, question.way)
            counts = await self._site.run(address_readiness.counts, *place)
        sent_to: CodeSentTo | None = None
        if proof == step_up.By.SENT_CODE:
            # Nothing is sent by opening the page: this answers a form.
            sent_to = await self._proof.send(request, person, Act.PROPERTIES)
        view = SaveProperties(
            csrf=self._signed_in.csrf(request),
            sent_to=sent_to,
            carried=carried(typed),
            question=question,
            with_step=facts.with_step,
            without_step=facts.without_step,
            counts=counts,
            ways=await self._site.ways_out(visit_of(request).environment),
            proof=proof,
            user_name=person.user.name,
            issuer=visit_of(request).environment.name,
            errors=errors,
        )
        return await self._site.page(request, view, person=person, status=403 if errors else 200)
