"""The forms of the dialogs by which an administrator helps: what was typed, and what is wrong with
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twostep.admin.acting import ID_LENGTH
from twostep.admin.helping_views import EndChoice, MinutesChoice
from twostep.admin.message_views import Choice
from twostep.core.help_desk_codes import (
    LONGEST_MINUTES,
    LONGEST_NOTE,
    MOST_USES,
    SHORTEST_MINUTES,
    HelpDeskPurpose,
    HelpReason,
)
from twostep.core.properties import BadValue
from twostep.core.property_values import DAY, Day
from twostep.core.users import without_controls
from twostep.flows.pauses import LONGEST, SHORTEST
from twostep.i18n.audit_words import REASONS
from twostep.i18n.helping_notices import HelpingNotice
from twostep.i18n.notices import Notice, said
from twostep.web.forms import Form
from twostep.web.rendering import FieldError

OFFERED_MINUTES: Final = (10, 30, 60, 240, 480, 1440)
USUAL_MINUTES: Final = 60

TODAY: Final = "today"
ON_DAY: Final = "date"
_DAYS: Final = {"1": 1, "3": 3, "7": 7}
"""The ends of a pause that are so many days of 24 hours away."""
USUAL_END: Final = "1"

_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why it is done. ``reason`` is None where none was chosen, or one that there is not."""

    reason: HelpReason | None
    note: str

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is wrong with it."""
        missing = FieldError(field="reason", said=said(HelpingNotice.REASON_MISSING))
        long = FieldError(field="note", said=said(Notice.FIELD_TOO_LONG, limit=LONGEST_NOTE))
        return (
            *((missing,) if self.reason is None else ()),
            *((long,) if len(self.note) > LONGEST_NOTE else ()),
        )

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The list of reasons, with the one that was chosen."""
        return tuple(
            Choice(value=reason.value, words=words, chosen=reason is self.reason)
            for reason, words in REASONS.items()
        )


def why(form: Form) -> Why:
    """The reason and the note of a form."""
    text = form.text("reason", longest=_LONGEST_WORD)
    note = " ".join(without_controls(form.text("note", longest=5 * LONGEST_NOTE)).split())
    return Why(reason=HelpReason(text) if text in set(HelpReason) else None, note=note)


def form_id(form: Form) -> bytes | None:
    """By which a form is known that is sent twice; None for one that no page of ours made."""
    text = form.text("form_id", longest=ID_LENGTH)
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return None
    return found if found.hex() == text and len(text) == ID_LENGTH else None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Until when a pause is wanted: what was chosen, and the day that was typed. ``until`` (ms) is
    None where that is no end.
    """

    choice: str
    day: str
    until: int | None
    errors: tuple[FieldError, ...] = ()


def end(form: Form, *, now: int) -> End:
    """The end that a form asks for, counted from now."""
    choice = form.text("end", longest=_LONGEST_WORD)
    typed = without_controls(form.text("day", longest=_LONGEST_WORD)).strip()
    until = _until(choice, typed, now)
    wrong = None
    if until is None:
        wrong = (
            FieldError(field="day", said=said(HelpingNotice.NOT_A_DAY))
            if choice == ON_DAY
            else FieldError(field="end", said=said(HelpingNotice.END_MISSING))
        )
    elif choice == ON_DAY and not now < until <= now + LONGEST:
        last = day_text(last_day(now))
        wrong = FieldError(field="day", said=said(HelpingNotice.DAY_TOO_FAR, last=last))
    elif until - now < SHORTEST:
        wrong = FieldError(field="end", said=said(HelpingNotice.END_TOO_NEAR))
    return End(choice=choice, day=typed, until=until, errors=() if wrong is None else (wrong,))


def ends(chosen: str, *, now: int) -> tuple[EndChoice, ...]:
    """The ends that are offered. What is left of today is not where that is next to nothing."""
    found = {TODAY: _end_of_day(now), **{word: now + days * DAY for word, days in _DAYS.items()}}
    return tuple(
        EndChoice(value=word, until=until, chosen=word == chosen)
        for word, until in found.items()
        if until - now >= SHORTEST
    )


def _until(choice: str, typed: str, now: int) -> int | None:
    if choice == TODAY:
        return _end_of_day(now)
    if choice in _DAYS:
        return now + _DAYS[choice] * DAY
    if choice != ON_DAY or typed.isdigit():
        return None
    try:
        begins = Day().check(typed)
    except BadValue:
        return None
    return int(begins) + DAY if begins else None


def _end_of_day(now: int) -> int:
    return (now // DAY + 1) * DAY


def last_day(now: int) -> int:
    """The beginning (ms) of the last day at whose end a pause may end."""
    return ((now + LONGEST) // DAY - 1) * DAY


def day_text(at: int) -> str:
    """The day of that moment, as a field for days holds it (UTC)."""
    return Day().shown(str(at // DAY * DAY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The code that is wanted. ``purpose`` is None where none was chosen, ``minutes`` and ``uses``
    where they are no such numbers; ``typed_uses`` is what stood there.
    """

    purpose: HelpDeskPurpose | None
    minutes: int | None
    uses: int | None
    typed_uses: str

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is wrong with it."""
        purpose = FieldError(field="purpose", said=said(HelpingNotice.PURPOSE_MISSING))
        minutes = FieldError(field="minutes", said=said(HelpingNotice.MINUTES_WRONG))
        uses = FieldError(field="uses", said=said(HelpingNotice.USES_WRONG, most=MOST_USES))
        return (
            *((purpose,) if self.purpose is None else ()),
            *((minutes,) if self.minutes is None else ()),
            *((uses,) if self.uses is None else ()),
        )


USUAL: Final = Wanted(purpose=HelpDeskPurpose.TODAY, minutes=USUAL_MINUTES, uses=1, typed_uses="1")


def wanted(form: Form) -> Wanted:
    """The code that a form asks for. One for set-up is used once, whatever stands beside it."""
    text = form.text("purpose", longest=_LONGEST_WORD)
    purpose = HelpDeskPurpose(text) if text in set(HelpDeskPurpose) else None
    typed = without_controls(form.text("uses", longest=_LONGEST_WORD)).strip()
    once = purpose is HelpDeskPurpose.SET_UP
    return Wanted(
        purpose=purpose,
        minutes=_number(form.text("minutes", longest=_LONGEST_WORD), SHORTEST_MINUTES,
                        LONGEST_MINUTES),
        uses=1 if once else _number(typed, 1, MOST_USES),
        typed_uses=typed,
    )  # fmt: skip


def minutes_offered(chosen: int | None) -> tuple[MinutesChoice, ...]:
    """How long a code may work, as the list offers it."""
    return tuple(
        MinutesChoice(
            value=minutes,
            hours=minutes // 60,
            minutes=0 if minutes >= 60 else minutes,
            chosen=minutes == (chosen or USUAL_MINUTES),
        )
        for minutes in OFFERED_MINUTES
    )


def _number(text: str, least: int, most: int) -> int | None:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 6):
        return None
    return int(plain) if least <= int(plain) <= most else None
