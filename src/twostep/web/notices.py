"""What is said at the top of the next page, after an act has sent the browser there.

The address carries a short word from this closed list, never a sentence, so that a link from
elsewhere cannot
make our pages say anything of its own.
"""

from __future__ import annotations

from starlette.requests import Request

from twostep.i18n.arrival_notices import ArrivalNotice
from twostep.i18n.contact_notices import ContactNotice
from twostep.i18n.help_desk_notices import HelpDeskNotice
from twostep.i18n.helping_notices import HelpingNotice
from twostep.i18n.message_notices import MessageNotice
from twostep.i18n.notices import AnyNotice, Notice, Said, said
from twostep.i18n.permission_notices import PermissionNotice
from twostep.i18n.person_notices import PersonNotice
from twostep.i18n.sent_code_notices import SentCodeNotice
from twostep.i18n.user_notices import UserNotice

_NOTICES: dict[str, AnyNotice] = {
    "start-again": Notice.START_AGAIN,
    "waited-too-long": Notice.SIGN_IN_WAITED_TOO_LONG,
    "session-ended": Notice.SESSION_ENDED,
    "everyone-signs-in": Notice.LASTING_OVERRULED,
    "sign-in-first": Notice.SIGN_IN_FIRST,
    "signed-out": Notice.SIGNED_OUT,
    "cancelled": Notice.CANCELLED,
    "more-time": Notice.MORE_TIME,
    "new-picture": Notice.SET_UP_ANEW,
    "password-changed": Notice.PASSWORD_CHANGED_SIGN_IN,
    "set-up-done": Notice.SET_UP_DONE,
    "password-saved": Notice.PASSWORD_SAVED,
    "choice-saved": Notice.STAY_SAVED,
    "other-session-ended": Notice.OTHER_SESSION_ENDED,
    "other-sessions-ended": Notice.OTHER_SESSIONS_ENDED,
    "no-other-session": Notice.NO_OTHER_SESSION,
    "nothing-changed": Notice.NOTHING_CHANGED,
    "turned-off": Notice.TURNED_OFF,
    "recovery-codes-shown-once": Notice.RECOVERY_CODES_SHOWN_ONCE,
    "device-forgotten": Notice.DEVICE_FORGOTTEN,
    "devices-forgotten": Notice.DEVICES_FORGOTTEN,
    "no-other-device": Notice.NO_OTHER_DEVICE,
    "required-at-once": Notice.REQUIRED_AT_ONCE,
    "required-sign-in": Notice.REQUIRED_SIGN_IN_AGAIN,
    "saved": Notice.PROPERTIES_SAVED,
    "code-sent": ContactNotice.CODE_SENT,
    "address-confirmed": ContactNotice.CONFIRMED,
    "address-removed": ContactNotice.REMOVED,
    "change-cancelled": ContactNotice.CANCELLED,
    "address-unchanged": ContactNotice.UNCHANGED,
    "nothing-waits": ContactNotice.NOTHING_WAITS,
    "code-sent-again": SentCodeNotice.SENT_AGAIN,
    "codes-on": SentCodeNotice.TURNED_ON,
    "codes-off": SentCodeNotice.TURNED_OFF,
    "confirm-first": SentCodeNotice.CONFIRM_FIRST,
    "last-address": SentCodeNotice.LAST_ADDRESS,
    "test-queued": MessageNotice.TEST_QUEUED,
    "permission-granted": PermissionNotice.GRANTED,
    "permission-revoked": PermissionNotice.REVOKED,
    "permission-given-up": PermissionNotice.GIVEN_UP,
    "permission-had": PermissionNotice.HAD_IT,
    "permission-not-had": PermissionNotice.HAD_IT_NOT,
    "permission-last": PermissionNotice.LAST_HOLDER,
    "break-glass-used": PermissionNotice.BREAK_GLASS_USED,
    "not-in-this-session": HelpDeskNotice.NOT_IN_THIS_SESSION,
    "set-up-code-first": HelpDeskNotice.SET_UP_CODE_FIRST,
    "password-reset": ArrivalNotice.PASSWORD_RESET,
    "invitation-accepted": ArrivalNotice.INVITATION_ACCEPTED,
    "reset-sent": ArrivalNotice.RESET_SENT,
    "invited": ArrivalNotice.INVITED,
    "list-dropped": ArrivalNotice.LIST_DROPPED,
    "list-changed": ArrivalNotice.LIST_CHANGED,
    "list-thrown-away": ArrivalNotice.LIST_THROWN_AWAY,
    "two-step-removed": HelpingNotice.REMOVED,
    "nothing-to-remove": HelpingNotice.NOTHING_TO_REMOVE,
    "two-step-paused": HelpingNotice.PAUSED,
    "pause-ended": HelpingNotice.PAUSE_ENDED,
    "nothing-paused": HelpingNotice.NOTHING_PAUSED,
    "code-withdrawn": HelpingNotice.CODE_WITHDRAWN,
    "no-such-code": HelpingNotice.NO_SUCH_CODE,
    "code-made-before": HelpingNotice.MADE_BEFORE,
    "nobody-to-let-in": HelpingNotice.NOBODY_TO_LET_IN,
    "user-unlocked": UserNotice.UNLOCKED,
    "sessions-ended": UserNotice.SESSIONS_ENDED,
    "no-session": UserNotice.NO_SESSION,
    "user-devices-forgotten": UserNotice.DEVICES_FORGOTTEN,
    "no-device": UserNotice.NO_DEVICE,
    "user-disabled": UserNotice.DISABLED,
    "disabled-already": UserNotice.DISABLED_ALREADY,
    "user-enabled": UserNotice.ENABLED,
    "enabled-already": UserNotice.ENABLED_ALREADY,
    "last-manager": UserNotice.LAST_MANAGER,
    "user-edited": UserNotice.EDITED,
    "user-as-before": UserNotice.AS_BEFORE,
    "address-entered": UserNotice.ADDRESS_ENTERED,
    "address-as-before": UserNotice.ADDRESS_AS_BEFORE,
    "user-address-removed": UserNotice.ADDRESS_REMOVED,
    "no-address": UserNotice.NO_ADDRESS,
    "address-overtaken": UserNotice.ADDRESS_OVERTAKEN,
    "caller-code-sent": UserNotice.CALLER_CODE_SENT,
    "caller-checked": UserNotice.CALLER_CHECKED,
    "check-over": UserNotice.CHECK_OVER,
    "prove-again": UserNotice.PROVE_AGAIN,
    "user-erased": PersonNotice.ERASED,
    "last-manager-not-erased": PersonNotice.LAST_MANAGER,
    "ready": Notice.FIRST_ADMINISTRATOR_MADE,
}

_WORDS = {notice: word for word, notice in _NOTICES.items()}


def notice_of(request: Request) -> Said | None:
    """What the address asks to say, or None."""
    notice = _NOTICES.get(request.query_params.get("said", ""))
    return None if notice is None else said(notice)


def saying(path: str, notice: AnyNotice) -> str:
    """The path of a page that is to say this at its top."""
    return f"{path}{'&' if '?' in path else '?'}said={_WORDS[notice]}"
