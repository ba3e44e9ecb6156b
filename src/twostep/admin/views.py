"""What stands on each page of the administrators: one frozen dataclass per page, and no HTML.

Moments are milliseconds, values are text as a person writes it, sentences are codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from twostep.admin.property_questions import Question
from twostep.core.address_readiness import Gap
from twostep.core.messages import WaysOut
from twostep.core.properties import Scope
from twostep.flows.address_readiness import Count
from twostep.web.fresh_proof import CodeSentTo
from twostep.web.rendering import FieldError

__all__ = ["Conflict", "FieldError", "Properties", "PropertyField", "SaveProperties"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What somebody else saved while this form was open, and what was wanted here."""

    value: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyField:
    """One property on the page.

    ``text`` stands in the field. ``least`` and ``most`` are the bounds of a number with the floor
    taken in, ``barred`` the choices that the floor forbids. ``source`` says whose value holds; it
    was set at ``changed_at`` by ``changed_by``, by the operator, or by somebody without a name.
    """

    name: str
    text: str
    default: str
    least: int | None = None
    most: int | None = None
    floor: str | None = None
    barred: frozenset[str] = frozenset()
    source: Scope | None = None
    changed_at: int | None = None
    changed_by: str | None = None
    by_operator: bool = False
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """``/admin/properties``: **System Properties**, with the section Authentication.

    ``seen`` goes along hidden: which generation of each property the form shows. ``at_once``: the
    tick. ``with_step`` and ``without_step``: how many users have a second step, and how many not.
    ``switched_on_at``: when the operator switched it on for the whole installation; None: not so.
    ``ways``: by which messages leave. ``counts``: whom codes that are sent could not reach.
    """

    template: ClassVar[str] = "properties.html"

    csrf: str
    seen: str
    fields: Mapping[str, PropertyField]
    at_once: bool
    with_step: int
    without_step: int
    switched_on_at: int | None = None
    ways: WaysOut = field(default_factory=WaysOut)
    counts: Mapping[Gap, Count] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    @property
    def more_is_open(self) -> bool:
        """Whether something under **More** must not be overlooked."""
        wrong = {error.field for error in self.errors}
        return any(
            field.conflict is not None or name in wrong
            for name, field in self.fields.items()
            if name not in ALWAYS_SHOWN
        )


ALWAYS_SHOWN = frozenset(
    {"two_step_verification", "two_step_required_from", "days_to_remember_device"}
)
"""The properties that do not stand under **More**."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProperties:
    """Between **Save** and saving: whether it is they, and whether they mean it.

    ``carried`` are the fields of the form, so that nothing typed is lost. ``proof`` is what is
    asked: ``code``, ``sent_code`` (which went to ``sent_to``), ``password``, or None where the
    proof is fresh. ``question``: what else is asked, with how many people have a second step and
    how many not, and, where addresses matter, who could not be reached (``counts``).
    """

    template: ClassVar[str] = "properties_confirm.html"

    csrf: str
    carried: tuple[tuple[str, str], ...]
    question: Question
    with_step: int
    without_step: int
    proof: str | None
    user_name: str
    issuer: str
    sent_to: CodeSentTo | None = None
    digits: int = 6
    counts: Mapping[Gap, Count] = field(default_factory=dict)
    ways: WaysOut = field(default_factory=WaysOut)
    errors: tuple[FieldError, ...] = ()
