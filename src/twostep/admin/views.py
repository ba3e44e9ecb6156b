"""What stands on each page of the administrators: one frozen dataclass per page, and no HTML.

Moments are milliseconds, values are text as a person writes it, sentences are codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from twostep.core.properties import Scope
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
    """

    template: ClassVar[str] = "properties.html"

    csrf: str
    seen: str
    fields: Mapping[str, PropertyField]
    at_once: bool
    with_step: int
    without_step: int
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
    asked: ``code``, ``password``, or None where the proof is fresh. ``switching_off``: **Off** was
    chosen, with how many people have a second step.
    """

    template: ClassVar[str] = "properties_confirm.html"

    csrf: str
    carried: tuple[tuple[str, str], ...]
    switching_off: bool
    with_step: int
    proof: str | None
    user_name: str
    issuer: str
    digits: int = 6
    errors: tuple[FieldError, ...] = ()
