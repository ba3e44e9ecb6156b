"""From the facts about one user to the view of their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from twostep.admin.message_forms import Asked
from twostep.admin.message_page import line_of as message_line
from twostep.admin.user_menu import FIRST, items_of
from twostep.admin.user_views import (
    AddressLine,
    CheckedLine,
    CodeLine,
    DeviceLine,
    EventLine,
    MethodsLine,
    Now,
    Pause,
    SessionLine,
    SignInLine,
    UserPage,
)
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.core.reasons import Code, Reasons
from twostep.core.sessions import Level, Session
from twostep.flows.audit import Happened
from twostep.flows.audit_lists import Entry
from twostep.flows.caller_checks import Checked
from twostep.flows.contacts import Field
from twostep.flows.device_lines import Line
from twostep.flows.user_details import Details, GivenCode
from twostep.i18n import permissions, user_page
from twostep.i18n.audit_sentences import Told, told
from twostep.i18n.audit_words import LEVELS

SIGN_INS_SHOWN = 15


def page_of(
    details: Details,
    held: AbstractSet[Permission],
    *,
    here: str,
    oneself: bool,
    language: str,
) -> UserPage:
    """The page as somebody sees it who holds these. Nothing is offered to do to ``oneself``."""
    user = details.target.user
    items = {} if oneself else items_of(details, held, here)
    sign_ins = sign_in_lines(details.happened)
    messages_path = Asked(user=user.id.hex()).path()
    unlock, give = items.get("unlock"), items.get("help-desk-code")
    return UserPage(
        here=here,
        name=user.full_name or user.name,
        user_name=user.name,
        oneself=oneself,
        out_of_reach=not oneself and not details.target.held <= held,
        first=tuple(items[word] for word in FIRST if word in items),
        menu=tuple(item for word, item in items.items() if word not in FIRST),
        unlock_path=unlock.path if unlock and details.counters else None,
        now=_now(details, sign_ins),
        methods=_methods(details),
        addresses=address_lines(details.addresses, here if "edit" in items else None),
        devices=tuple(_device(line) for line in details.devices),
        sessions=tuple(_session(session) for session in details.sessions),
        sign_ins=sign_ins,
        messages=tuple(message_line(message) for message in details.messages),
        messages_path=messages_path if Permission.MESSAGES in held else None,
        codes=tuple(_code(code, give.path if give else None) for code in details.codes),
        permissions=tuple(
            permissions.NAMES[one] for one in Permission if one in details.target.held
        ),
        permissions_path=f"{here}/permissions",
        events=tuple(_event(entry, language) for entry in details.events),
        audit_path=f"/admin/audit?whom={user.id.hex()}" if Permission.AUDIT in held else None,
    )


def sign_in_lines(happenings: Sequence[Happened]) -> tuple[SignInLine, ...]:
    """One line for each thing that happened on the way in, the newest first. A sign-in that
    succeeded is one line, with what it was asked after its password.
    """
    done = {_sign_in(each) for each in happenings if each.kind is EventKind.SIGN_IN_COMPLETED}
    asked = {
        _sign_in(each): each.reasons
        for each in happenings
        if each.kind is EventKind.PASSWORD_ACCEPTED
    }
    lines = (
        _sign_in_line(each, asked)
        for each in happenings
        if not (each.kind is EventKind.PASSWORD_ACCEPTED and _sign_in(each) in done)
    )
    return tuple(lines)[:SIGN_INS_SHOWN]


def address_lines(
    fields: Mapping[ContactKind, Field], changeable_at: str | None
) -> tuple[AddressLine, ...]:
    """The fields of the profile. ``changeable_at``: the page of the user, for whoever may change
    them.
    """
    return tuple(_address(kind, field, changeable_at) for kind, field in fields.items())


def _sign_in(happened: Happened) -> object:
    return happened.data.get("sign_in", happened.id)


def _sign_in_line(happened: Happened, asked: Mapping[object, Reasons]) -> SignInLine:
    kind, visitor = happened.kind, happened.visitor
    completed = kind is EventKind.SIGN_IN_COMPLETED
    on_the_way = kind is EventKind.PASSWORD_ACCEPTED
    level = happened.data.get("level")
    return SignInLine(
        at=happened.at,
        what=user_page.SIGN_INS[kind],
        browser=visitor.browser if visitor else "",
        address=visitor.address if visitor else "",
        level=LEVELS[Level(str(level))] if level in set(Level) else None,
        sent_to=str(happened.data.get("masked", "")) if kind is EventKind.CODE_SENT else "",
        asked=asked.get(_sign_in(happened), ()) if completed or on_the_way else (),
        reasons=() if on_the_way else _telling(happened.reasons),
    )


def _telling(reasons: Reasons) -> Reasons:
    """Of a wrong password everybody knows that it proved nothing."""
    return tuple(reason for reason in reasons if reason.code is not Code.NOTHING_PROVEN)


def _now(details: Details, sign_ins: Sequence[SignInLine]) -> Now:
    user, done = details.target.user, user_page.SIGN_INS[EventKind.SIGN_IN_COMPLETED]
    return Now(
        devices=len({session.device_id or session.id for session in details.sessions}),
        disabled_at=user.disabled_at,
        pauses=tuple(
            Pause(
                why=counter.why,
                browser=counter.on_device.browser if counter.on_device else None,
            )
            for counter in details.counters
        ),
        paused_until=user.two_step_paused_until if user.two_step_paused(details.now) else None,
        set_up_code_asked=user.set_up_code_asked_at is not None,
        invited_until=details.invited_until,
        reset_until=details.reset_until,
        checked=_checked(details.checked),
        last=next((line for line in sign_ins if line.what is done), None),
    )


def _checked(found: Checked | None) -> CheckedLine | None:
    return None if found is None else CheckedLine(at=found.at, by=found.by, until=found.until)


def _methods(details: Details) -> MethodsLine:
    found = details.methods
    return MethodsLine(
        has_password=found.has_password,
        app_since=found.app_since,
        recovery_codes=None if found.recovery_codes is None else found.recovery_codes.left,
        codes_since=found.codes_since,
        policy=details.policy.two_step_verification,
    )


def _address(kind: ContactKind, field: Field, changeable_at: str | None) -> AddressLine:
    counts, waits = field.counts, field.waits
    path = None if changeable_at is None else f"{changeable_at}/addresses/{kind.value}"
    return AddressLine(
        kind=kind,
        masked=counts.masked if counts else "",
        state=counts.state if counts else None,
        changed_at=counts.changed_at if counts else 0,
        waiting=waits.masked if waits else "",
        asked_again=bool(counts and counts.asked_again),
        change_path=path,
        remove_path=f"{path}/remove" if path and counts else None,
    )


def _device(line: Line) -> DeviceLine:
    device = line.listed.device
    return DeviceLine(
        browser=device.browser,
        address=device.address,
        last_used_at=device.last_used_at,
        remembered_until=line.remembered_until,
        times=len(line.ids),
    )


def _session(session: Session) -> SessionLine:
    return SessionLine(
        browser=session.browser,
        address=session.address,
        started_at=session.started_at,
        last_used_at=session.last_used_at,
        level=LEVELS[session.level],
    )


def _code(code: GivenCode, path: str | None) -> CodeLine:
    return CodeLine(
        purpose=code.purpose,
        made_at=code.made_at,
        until=code.until,
        uses_left=code.uses_left,
        by=code.by,
        withdraw_path=f"{path}/{code.id.hex()}/withdraw" if path else None,
    )


def _event(entry: Entry, language: str) -> EventLine:
    event = Told(
        kind=entry.kind,
        who=entry.who.called if entry.who else None,
        whom=entry.whom.called if entry.whom else None,
        data=entry.data,
    )
    return EventLine(at=entry.at, text=told(event, language))
