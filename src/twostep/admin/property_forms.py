"""The form of **System Properties**: what was typed, what it was shown, and what is wrong with it.

Only what was touched is asked for: a field that still holds what the form was shown is nobody's
wish, and keeps whatever somebody else has saved meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from twostep.core.properties import (
    AT_ONCE,
    CATALOGUE,
    REQUIRED_FROM,
    TICKS,
    BadValue,
    Property,
    Stricter,
)
from twostep.core.property_values import DAY, Choice, Countries, Day, Line, WholeNumber
from twostep.flows.property_changes import TICKED, Overview, Standing, Wish
from twostep.i18n.notices import Notice, Said, said
from twostep.i18n.property_notices import PropertyNotice
from twostep.web.errors import bad_request
from twostep.web.forms import Form
from twostep.web.rendering import FieldError

LONGEST = 400
"""Characters of a field that are read: more than any property may hold."""

LONGEST_SEEN = 8_000

_FIELDS = frozenset({*CATALOGUE, AT_ONCE})
_OTHERS = frozenset({"csrf", "seen", "sure", "code", "to", "password", "boxes"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a form was shown of one property: its generation, and its text."""

    generation: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form that was sent, each field of it with what it was shown."""

    texts: Mapping[str, str]
    seen: Mapping[str, Seen]

    def touched(self, name: str) -> bool:
        """Whether the person changed this field."""
        return self.texts[name] != self.seen[name].text


def shown(facts: Overview) -> dict[str, Seen]:
    """What a form that is made now shows."""
    of_all = {
        name: Seen(standing.generation, standing.item.kind.shown(standing.value))
        for name, standing in facts.standings.items()
    }
    tick = Seen(facts.at_once_generation, TICKED if facts.at_once_ahead else "")
    return {**of_all, AT_ONCE: tick}


def seen_as_text(seen: Mapping[str, Seen]) -> str:
    """As the form carries it."""
    return json.dumps({name: [one.generation, one.text] for name, one in sorted(seen.items())})


def read(form: Form) -> Typed:
    """The form as it was sent. A property that it does not have was not touched.

    Raises StopRequest (400) for fields that no form of ours has: what a script thinks that it
    saves must not be passed over in silence.

    A tick box without its tick sends nothing, and ``boxes`` says that the form had them.
    """
    if form.names - _FIELDS - _OTHERS or form.too_long("seen", longest=LONGEST_SEEN):
        raise bad_request()
    seen = _seen(form.text("seen", longest=LONGEST_SEEN))
    unticked = dict.fromkeys(TICKS, "no") if "boxes" in form.names else {}
    texts = {
        name: form.text(name, longest=LONGEST)
        if name in form.names
        else unticked.get(name, seen[name].text)
        for name in CATALOGUE
    }
    ticked = TICKED if form.text(AT_ONCE, longest=len(TICKED)) else ""
    return Typed(texts={**texts, AT_ONCE: ticked}, seen=seen)


def carried(typed: Typed) -> tuple[tuple[str, str], ...]:
    """The fields by which another form says the same."""
    texts = tuple((name, text) for name, text in typed.texts.items() if name in CATALOGUE or text)
    return (*texts, ("seen", seen_as_text(typed.seen)))


def wishes(
    typed: Typed, facts: Overview, *, now: int
) -> tuple[Mapping[str, Wish], tuple[FieldError, ...]]:
    """What is asked for, and what is wrong with it."""
    found, errors = {}, []
    for name, text in typed.texts.items():
        if not typed.touched(name):
            continue
        value, wrong = text, None
        if name != AT_ONCE:
            value, wrong = _checked(facts.standings[name], text, now)
        if wrong is not None:
            errors.append(FieldError(field=name, said=wrong))
        found[name] = Wish(value=value, seen=typed.seen[name].generation)
    return found, tuple(errors)


def _checked(standing: Standing, text: str, now: int) -> tuple[str, Said | None]:
    item = standing.item
    try:
        value = item.check(text)
    except BadValue:
        return text, _no_value(item, text)
    if item.name == REQUIRED_FROM and value and int(value) + DAY <= now:
        return value, said(PropertyNotice.DAY_IS_OVER)
    floor = standing.floor
    if floor is not None and item.stricter_of(value, floor) != value:
        return value, _below_the_floor(item, floor)
    return value, None


def _no_value(item: Property, text: str) -> Said:
    match item.kind:
        case WholeNumber(least=least, most=most):
            return said(PropertyNotice.WHOLE_NUMBER, least=least, most=most)
        case Choice():
            return said(PropertyNotice.NOT_A_CHOICE)
        case Day():
            return said(PropertyNotice.NOT_A_DAY)
        case Countries():
            return said(PropertyNotice.NOT_COUNTRIES)
        case Line(longest=longest) if len(text) > longest:
            return said(Notice.FIELD_TOO_LONG, limit=longest)
        case Line() if not text.isprintable():
            return said(PropertyNotice.NOT_ONE_LINE)
        case Line():
            return said(PropertyNotice.NOT_A_LINK)


def _below_the_floor(item: Property, floor: str) -> Said:
    limit = item.kind.shown(floor)
    match item.kind:
        case WholeNumber() if item.stricter is Stricter.GREATER:
            return said(PropertyNotice.FLOOR_AT_LEAST, limit=limit)
        case WholeNumber():
            return said(PropertyNotice.FLOOR_AT_MOST, limit=limit)
        case Day():
            return said(PropertyNotice.FLOOR_DAY, limit=limit)
        case Choice() | Line() | Countries():
            return said(PropertyNotice.FLOOR_CHOICE)


def _seen(text: str) -> dict[str, Seen]:
    """Raises StopRequest for what no form of ours carries."""
    try:
        pairs = json.loads(text)
        seen = {name: Seen(pairs[name][0], pairs[name][1]) for name in _FIELDS}
    except (ValueError, TypeError, LookupError, RecursionError):
        raise bad_request() from None
    if not all(type(of.generation) is int and isinstance(of.text, str) for of in seen.values()):
        raise bad_request()
    return seen
