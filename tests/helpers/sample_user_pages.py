"""The page of one user, and the dialogs that it leads to, as ``sample_pages`` has the others."""

from __future__ import annotations

from dataclasses import replace

from tests.helpers.sample_helping_pages import BY_CODE, BY_CODE_OR_SENT, BY_PASSWORD, CALLED
from tests.helpers.sample_message_pages import ACCEPTED, GIVEN_UP, PUT_OFF
from twostep.admin.message_page import line_of
from twostep.admin.user_menu import FIRST, NEEDED
from twostep.admin.user_views import (
    AddressChoice,
    AddressLine,
    CheckCaller,
    CheckedLine,
    CodeLine,
    DeviceLine,
    EditAddress,
    EditUser,
    EventLine,
    MenuItem,
    MethodsLine,
    Now,
    Pause,
    ReadBackCode,
    SessionLine,
    SignInLine,
    UserAct,
    UserPage,
)
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.core.permissions import Permission
from twostep.core.policies import TwoStepVerification
from twostep.core.reasons import Code, because
from twostep.core.sessions import Level
from twostep.flows.user_edits import Names
from twostep.i18n.audit_words import LEVELS
from twostep.i18n.notices import AnyNotice, Notice, said
from twostep.i18n.permissions import NAMES
from twostep.i18n.user_notices import UserNotice
from twostep.i18n.user_page import MENU, SIGN_INS
from twostep.web.proof_fields import NOTHING_ASKED
from twostep.web.rendering import FieldError, View

TODAY = 1_775_989_860_000
"""12 April 2026, 10:31 UTC, as in the other samples."""

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

HERE = f"/admin/users/{'4a' * 16}"


def item(word: str) -> MenuItem:
    return MenuItem(path=f"{HERE}/{word}", words=MENU[word])


CAME_IN = SignInLine(
    at=TODAY - MINUTE,
    what=SIGN_INS[EventKind.SIGN_IN_COMPLETED],
    browser="Chrome on Windows",
    address="203.0.113.7",
    level=LEVELS[Level.SECOND_STEP],
    asked=(
        because(Code.SET_UP_BY_PERSON),
        because(Code.DEVICE_BEFORE_PASSWORD, until=TODAY + 21 * DAY, changed=TODAY - DAY),
    ),
    reasons=(because(Code.BOTH_STEPS_PROVEN),),
)
SENT = SignInLine(
    at=TODAY - 2 * MINUTE,
    what=SIGN_INS[EventKind.CODE_SENT],
    browser="Chrome on Windows",
    address="203.0.113.7",
    sent_to="a•••@northside.example",
)
LOCKED = SignInLine(
    at=TODAY - HOUR,
    what=SIGN_INS[EventKind.PASSWORD_REFUSED],
    browser="A very long name of a browser that somebody has made up on a system of its own",
    address="2001:db8:1234:5678:9abc:def0:1234:5678",
    reasons=(because(Code.TOO_MANY_PASSWORDS, until=TODAY + 20 * MINUTE),),
)
HALF_WAY = SignInLine(
    at=TODAY - 2 * HOUR,
    what=SIGN_INS[EventKind.PASSWORD_ACCEPTED],
    browser="Firefox on Mac",
    address="198.51.100.2",
    asked=(because(Code.REQUIRED_HERE, source="environment"), because(Code.NEW_DEVICE)),
)

ADDRESSES = (
    AddressLine(
        kind=ContactKind.EMAIL,
        masked="a•••@northside.example",
        state=ContactState.CONFIRMED,
        changed_at=TODAY - 400 * DAY,
        waiting="a•••@harbour.example",
        asked_again=True,
        change_path=f"{HERE}/addresses/email",
        remove_path=f"{HERE}/addresses/email/remove",
    ),
    AddressLine(
        kind=ContactKind.SMS_EMAIL,
        change_path=f"{HERE}/addresses/sms_email",
    ),
    AddressLine(
        kind=ContactKind.PHONE,
        masked="•••• 42",
        state=ContactState.UNCONFIRMED,
        changed_at=TODAY - DAY,
        change_path=f"{HERE}/addresses/phone",
        remove_path=f"{HERE}/addresses/phone/remove",
    ),
)

QUIET = Now(
    devices=0,
    disabled_at=None,
    pauses=(),
    paused_until=None,
    set_up_code_asked=False,
    invited_until=None,
    reset_until=None,
    checked=None,
    last=None,
)
BUSY = Now(
    devices=2,
    disabled_at=TODAY - HOUR,
    pauses=(
        Pause(why=because(Code.TOO_MANY_PASSWORDS, until=TODAY + 20 * MINUTE)),
        Pause(why=because(Code.PASSWORD_STOPPED), browser="Chrome on Windows"),
        Pause(why=because(Code.SECOND_STEP_STOPPED)),
    ),
    paused_until=TODAY + 3 * DAY,
    set_up_code_asked=True,
    invited_until=TODAY + 2 * DAY,
    reset_until=TODAY + 20 * MINUTE,
    checked=CheckedLine(at=TODAY - MINUTE, by="Bo", until=TODAY + 14 * MINUTE),
    last=CAME_IN,
)

ANN = UserPage(
    here=HERE,
    name="Ann Lee",
    user_name="ann.lee",
    oneself=False,
    out_of_reach=False,
    first=tuple(item(word) for word in FIRST),
    menu=tuple(item(word) for word in NEEDED if word not in FIRST),
    unlock_path=f"{HERE}/unlock",
    now=BUSY,
    methods=MethodsLine(
        has_password=True,
        app_since=TODAY - 100 * DAY,
        recovery_codes=8,
        codes_since=TODAY - 50 * DAY,
        policy=TwoStepVerification.REQUIRED,
    ),
    addresses=ADDRESSES,
    devices=(
        DeviceLine(
            browser="Chrome on Windows",
            address="203.0.113.7",
            last_used_at=TODAY - MINUTE,
            remembered_until=TODAY + 21 * DAY,
            times=1,
        ),
        DeviceLine(
            browser="",
            address="198.51.100.2",
            last_used_at=TODAY - DAY,
            remembered_until=None,
            times=12,
        ),
    ),
    sessions=(
        SessionLine(
            browser="Chrome on Windows",
            address="203.0.113.7",
            started_at=TODAY - MINUTE,
            last_used_at=TODAY,
            level=LEVELS[Level.SECOND_STEP],
        ),
        SessionLine(
            browser="",
            address="198.51.100.2",
            started_at=TODAY - HOUR,
            last_used_at=TODAY - MINUTE,
            level=LEVELS[Level.HELP_DESK_CODE],
        ),
    ),
    sign_ins=(CAME_IN, SENT, LOCKED, HALF_WAY),
    messages=tuple(line_of(message) for message in (PUT_OFF, ACCEPTED, GIVEN_UP)),
    messages_path=f"/admin/messages?user={'4a' * 16}",
    codes=(
        CodeLine(
            purpose=HelpDeskPurpose.TODAY,
            made_at=TODAY - HOUR,
            until=TODAY + HOUR,
            uses_left=2,
            by="Bo",
            withdraw_path=f"{HERE}/help-desk-code/{'4b' * 16}/withdraw",
        ),
        CodeLine(
            purpose=HelpDeskPurpose.SET_UP,
            made_at=TODAY - HOUR,
            until=TODAY + DAY,
            uses_left=1,
            by="",
        ),
    ),
    permissions=tuple(NAMES[one] for one in Permission),
    permissions_path=f"{HERE}/permissions",
    events=(
        EventLine(at=TODAY - MINUTE, text="Bo checked whether ann.lee is calling: the code fits."),
        EventLine(at=TODAY - DAY, text="ann.lee signed in."),
    ),
    audit_path=f"/admin/audit?whom={'4a' * 16}",
)
NEW = replace(
    ANN,
    name="bartholomäus-maximilian.von-und-zu-hohenlohe-schillingsfürst@northside.example",
    first=(),
    menu=(),
    unlock_path=None,
    now=QUIET,
    methods=MethodsLine(
        has_password=False,
        app_since=None,
        recovery_codes=None,
        codes_since=None,
        policy=TwoStepVerification.OFF,
    ),
    addresses=(AddressLine(kind=ContactKind.EMAIL),),
    devices=(),
    sessions=(),
    sign_ins=(),
    messages=(),
    messages_path=None,
    codes=(),
    permissions=(),
    events=(),
    audit_path=None,
)


def act(deed: str) -> UserAct:
    return UserAct(
        csrf="a-token",
        deed=deed,
        here=f"{HERE}/{deed}",
        back=HERE,
        called=CALLED,
        sessions=2,
        devices=1,
        proof=NOTHING_ASKED,
    )


def wrong(field: str, notice: AnyNotice, **data: int) -> FieldError:
    return FieldError(field=field, said=said(notice, **data))


EDIT = EditUser(
    csrf="a-token",
    here=f"{HERE}/edit",
    back=HERE,
    called=CALLED,
    user_name="ann.lee",
    full_name="Ann Lee",
    shown=Names(name="ann.lee", full_name="Ann Lee"),
    addresses=ADDRESSES,
    proof=BY_PASSWORD,
)
ADDRESS = EditAddress(
    csrf="a-token",
    here=f"{HERE}/addresses/email",
    back=HERE,
    called=CALLED,
    kind=ContactKind.EMAIL,
    masked="a•••@northside.example",
    removing=False,
    typed="",
    proof=BY_CODE,
)
CHECK = CheckCaller(
    csrf="a-token",
    here=f"{HERE}/check-caller",
    back=HERE,
    called=CALLED,
    choices=(
        AddressChoice(
            kind=ContactKind.EMAIL,
            masked="a•••@northside.example",
            state=ContactState.CONFIRMED,
            changed_at=TODAY - 100 * DAY,
            chosen=True,
        ),
        AddressChoice(
            kind=ContactKind.PHONE,
            masked="•••• 42",
            state=ContactState.UNCONFIRMED,
            changed_at=TODAY - DAY,
            chosen=False,
        ),
    ),
    proof=BY_CODE_OR_SENT,
)
READ_BACK = ReadBackCode(
    csrf="a-token",
    here=f"{HERE}/check-caller/read-back",
    back=HERE,
    again=f"{HERE}/check-caller",
    called=CALLED,
    sent_to="a•••@northside.example",
    sent_at=TODAY - MINUTE,
    until=TODAY + 9 * MINUTE,
    proof=NOTHING_ASKED,
)

USER_VIEWS: dict[str, View] = {
    "user": ANN,
    "user-new": NEW,
    "user-oneself": replace(NEW, oneself=True),
    "user-out-of-reach": replace(NEW, out_of_reach=True),
    "user-locked": replace(ANN, now=replace(QUIET, pauses=BUSY.pauses[:1])),
    **{
        f"user-{deed}": act(deed)
        for deed in ("unlock", "end-sessions", "forget-devices", "disable", "enable")
    },
    "user-disable-proof": replace(act("disable"), proof=BY_PASSWORD),
    "user-unlock-wrong": replace(
        act("unlock"),
        proof=BY_PASSWORD,
        errors=(wrong("password", Notice.CURRENT_PASSWORD_WRONG),),
    ),
    "user-edit": EDIT,
    "user-edit-wrong": replace(
        EDIT,
        errors=(
            wrong("full_name", UserNotice.FULL_NAME_INVALID),
            wrong("user_name", Notice.USER_NAME_TAKEN),
        ),
    ),
    "user-address": ADDRESS,
    "user-address-first": replace(ADDRESS, kind=ContactKind.SMS_EMAIL, masked=""),
    "user-address-number": replace(ADDRESS, kind=ContactKind.PHONE, masked="", typed="0123"),
    "user-address-remove": replace(ADDRESS, removing=True, proof=NOTHING_ASKED),
    "check-caller": CHECK,
    "check-caller-none": replace(CHECK, choices=()),
    "check-caller-enough": replace(
        CHECK,
        proof=NOTHING_ASKED,
        errors=(wrong("address", UserNotice.CALLER_ENOUGH, until=TODAY + HOUR),),
    ),
    "check-caller-code": READ_BACK,
    "check-caller-code-wrong": replace(
        READ_BACK, errors=(wrong("read_back", UserNotice.READ_BACK_WRONG, tries=4),)
    ),
}
