"""The administrators' pages, each in its situations, as ``sample_pages`` has those of everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from twostep.admin import views
from twostep.admin.property_questions import Question
from twostep.admin.views import FieldError, PropertyField
from twostep.core.address_readiness import Gap
from twostep.core.policies import Method, Policy, TwoStepVerification
from twostep.core.properties import CATALOGUE, Scope
from twostep.core.property_values import WholeNumber
from twostep.flows.address_readiness import Count
from twostep.i18n.notices import Notice, said
from twostep.i18n.property_notices import PropertyNotice
from twostep.web.rendering import View

COUNTS: dict[Gap, Count] = {
    Gap.NO_ADDRESS: Count(people=12, with_app=1),
    Gap.WAITING: Count(people=1, with_app=0),
    Gap.DEAD_GATEWAY: Count(people=2, with_app=2),
    Gap.FAILED: Count(people=1, with_app=0),
    Gap.DYING_GATEWAY: Count(people=0, with_app=0),
    Gap.UNCONFIRMED: Count(people=10_000, with_app=700, more=True),
}

MODE = "two_step_verification"
DAYS = "days_to_remember_device"

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""


def fields() -> dict[str, PropertyField]:
    """As an environment has them that changed some and has a floor for others."""
    made = {name: _field(name) for name in CATALOGUE}
    own = {"source": Scope.ENVIRONMENT, "changed_at": TODAY - 3_600_000}
    made[MODE] = replace(
        made[MODE],
        text="required",
        barred=frozenset({"off"}),
        floor="optional",
        changed_by="bo.larsen",
        **own,  # type: ignore[arg-type]
    )
    made["two_step_required_from"] = replace(
        made["two_step_required_from"],
        text="2026-05-01",
        floor="2026-06-01",
        by_operator=True,
        **own,  # type: ignore[arg-type]
    )
    made["session_hours"] = replace(
        made["session_hours"],
        text="10",
        floor="10",
        most=10,
        source=Scope.FLOOR,
        by_operator=True,
        changed_at=TODAY - 1,
    )
    made["password_minimum_length"] = replace(
        made["password_minimum_length"],
        text="20",
        floor="20",
        least=20,
        **own,  # type: ignore[arg-type]
    )
    made["support_contact"] = replace(
        made["support_contact"],
        text="it@northside.example",
        source=Scope.DEFAULT,
        by_operator=True,
        changed_at=TODAY - 1,
    )
    return made


def _field(name: str) -> PropertyField:
    item = CATALOGUE[name]
    number = item.kind if isinstance(item.kind, WholeNumber) else None
    return PropertyField(
        name=name,
        text=item.kind.shown(item.default),
        default=item.kind.shown(item.default),
        least=number.least if number else None,
        most=number.most if number else None,
    )


def properties(*errors: FieldError, **changed: PropertyField) -> views.Properties:
    """The page."""
    return views.Properties(
        csrf="a-token",
        seen="{}",
        fields=fields() | changed,
        at_once=True,
        with_step=98,
        without_step=143,
        errors=errors,
    )


def overtaken(name: str, value: str, wanted: str, **by: object) -> PropertyField:
    """A field that somebody else has changed meanwhile."""
    conflict = views.Conflict(value=value, wanted=wanted)
    changed = {"source": Scope.ENVIRONMENT, "changed_at": TODAY - 60_000, "conflict": conflict} | by
    return replace(_field(name), text=value, **changed)  # type: ignore[arg-type]


def _question_about(*methods: Method, **asked: bool) -> Question:
    allowed = frozenset(methods or {Method.AUTHENTICATOR})
    mode = TwoStepVerification.OFF if asked.get("off") else TwoStepVerification.REQUIRED
    return Question(policy=Policy(two_step_verification=mode, methods=allowed), **asked)


def question(
    *,
    off: bool = False,
    proof: str | None,
    asked: Question | None = None,
    counts: Mapping[Gap, Count] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> views.SaveProperties:
    """The page between **Save** and saving."""
    return views.SaveProperties(
        csrf="a-token",
        carried=((MODE, "off"), (DAYS, "<7>"), ("seen", "{}")),
        question=asked or _question_about(off=off),
        with_step=98,
        without_step=143,
        counts=counts or {},
        proof=proof,
        user_name="ann.lee",
        issuer="Northside Housing",
        errors=errors,
    )


ADMIN_VIEWS: dict[str, View] = {
    "properties": properties(),
    "properties-wrong": properties(
        FieldError(field=MODE, said=said(PropertyNotice.NOT_A_CHOICE)),
        FieldError(field=DAYS, said=said(PropertyNotice.WHOLE_NUMBER, least=0, most=365)),
        FieldError(field="two_step_required_from", said=said(PropertyNotice.DAY_IS_OVER)),
        FieldError(field="remember_this_device", said=said(PropertyNotice.FLOOR_CHOICE)),
        FieldError(field="support_link", said=said(PropertyNotice.NOT_A_LINK)),
    ),
    "properties-one-wrong": properties(
        FieldError(field="session_hours", said=said(PropertyNotice.FLOOR_AT_MOST, limit="10"))
    ),
    "properties-overtaken": properties(
        FieldError(field="", said=said(Notice.CHANGED_MEANWHILE)),
        **{
            MODE: overtaken(MODE, "optional", "required", changed_by="bo.larsen"),
            DAYS: overtaken(DAYS, "14", "3", by_operator=True),
            "remember_this_device": overtaken("remember_this_device", "always", "ask"),
            "support_contact": overtaken("support_contact", "", "Desk 3", changed_by="bo.larsen"),
        },
    ),
    "properties-switched-on": replace(
        properties(
            FieldError(field="text_countries", said=said(PropertyNotice.NOT_COUNTRIES)),
        ),
        switched_on_at=TODAY - 60_000,
    ),
    "properties-off": question(off=True, proof=None),
    "properties-off-stale": question(off=True, proof="code"),
    "properties-before": question(
        proof=None,
        asked=_question_about(
            *(Method.AUTHENTICATOR, Method.EMAIL_CODE), required=True, by_email=True, by_text=True
        ),
        counts=COUNTS,
    ),
    "properties-before-stale": question(
        proof="code",
        asked=_question_about(Method.EMAIL_CODE, by_email=True, without_app=True),
        counts={gap: Count(people=0, with_app=0) for gap in Gap},
    ),
    "properties-stale": question(off=False, proof="password"),
    "properties-stale-wrong": question(
        off=False,
        proof="password",
        errors=(FieldError(field="password", said=said(Notice.CURRENT_PASSWORD_WRONG)),),
    ),
}
