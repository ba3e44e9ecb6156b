"""From the facts, and what was typed, to the view of **System Properties**."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from twostep.admin.property_forms import Seen, Typed, seen_as_text, shown
from twostep.admin.views import Conflict, Properties, PropertyField
from twostep.core.address_readiness import Gap
from twostep.core.messages import WaysOut
from twostep.core.properties import AT_ONCE, Property, Stricter
from twostep.core.property_values import Choice, WholeNumber
from twostep.flows.address_readiness import Count
from twostep.flows.property_changes import Overview, Standing
from twostep.web.rendering import FieldError


def page_of(
    facts: Overview,
    *,
    csrf: str,
    ways: WaysOut,
    counts: Mapping[Gap, Count],
    typed: Typed | None = None,
    conflicts: AbstractSet[str] = frozenset(),
    errors: tuple[FieldError, ...] = (),
) -> Properties:
    """The page as it is now, or, with ``typed``, as somebody filled it in.

    What was touched stands there again, with the generation that its form was first shown: the
    next form must not overwrite what nobody has been told of. Where there is a conflict the newer
    value stands there, with what was wanted beside it.
    """
    now = shown(facts)
    seen = {name: _seen(name, now[name], typed, conflicts) for name in now}
    texts = {name: _text(name, now[name], typed, conflicts) for name in now}
    return Properties(
        csrf=csrf,
        seen=seen_as_text(seen),
        fields={
            name: _field(standing, texts[name], typed if name in conflicts else None)
            for name, standing in facts.standings.items()
        },
        at_once=texts[AT_ONCE] != "",
        with_step=facts.with_step,
        without_step=facts.without_step,
        switched_on_at=facts.switched_on_at,
        ways=ways,
        counts=counts,
        errors=errors,
    )


def _keeps(name: str, typed: Typed | None, conflicts: AbstractSet[str]) -> bool:
    return typed is not None and name not in conflicts and typed.touched(name)


def _seen(name: str, now: Seen, typed: Typed | None, conflicts: AbstractSet[str]) -> Seen:
    return typed.seen[name] if typed and _keeps(name, typed, conflicts) else now


def _text(name: str, now: Seen, typed: Typed | None, conflicts: AbstractSet[str]) -> str:
    return typed.texts[name] if typed and _keeps(name, typed, conflicts) else now.text


def _field(standing: Standing, text: str, overtaken: Typed | None) -> PropertyField:
    item, floor = standing.item, standing.floor
    least, most = _bounds(item, floor)
    value = item.kind.shown(standing.value)
    wanted = overtaken.texts[item.name] if overtaken else None
    return PropertyField(
        name=item.name,
        text=text,
        default=item.kind.shown(item.default),
        least=least,
        most=most,
        floor=None if floor is None else item.kind.shown(floor),
        barred=_barred(item, floor),
        source=standing.source,
        changed_at=standing.changed_at,
        changed_by=standing.changed_by,
        by_operator=standing.by_operator,
        conflict=None if wanted is None else Conflict(value=value, wanted=wanted),
    )


def _bounds(item: Property, floor: str | None) -> tuple[int | None, int | None]:
    if not isinstance(item.kind, WholeNumber):
        return None, None
    least, most = item.kind.least, item.kind.most
    if floor is None:
        return least, most
    return (int(floor), most) if item.stricter is Stricter.GREATER else (least, int(floor))


def _barred(item: Property, floor: str | None) -> frozenset[str]:
    if floor is None or not isinstance(item.kind, Choice):
        return frozenset()
    return frozenset(value for value in item.kind.values if item.stricter_of(value, floor) != value)
