"""What the recent activity of a person lists, each in a few words.

It is the audit log as its own person may read it. Kinds of event that say the same thing twice (a
password accepted on the way to a sign-in that is listed anyway), or that are not about a person,
are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from twostep.core.audit import EventKind
from twostep.i18n.sentences import Sentence, says


class Activity(Enum):
    """One kind of line in **Security Settings**, Recent activity."""

    SIGNED_IN = says(4001, "Signed in")
    PASSWORD_WRONG = says(4002, "Wrong password")
    CODE_WRONG = says(4003, "Right password, wrong code")
    CODE_USED_AGAIN = says(4004, "A code was used a second time")
    CLOCK_OFF = says(4005, "A code from a phone whose clock is off")
    PASSWORD_SUSPECT = says(4006, "Very many wrong codes after the right password")
    PAUSED = says(4007, "Sign-in paused after too many tries")
    UNLOCKED = says(4008, "An administrator ended a pause")
    REFUSED = says(4009, "Sign-in refused")
    CANCELLED = says(4010, "Sign-in cancelled")
    SIGNED_OUT = says(4011, "Signed out")
    SESSION_ENDED = says(4012, "A session was ended")
    PASSWORD_SET = says(4013, "Password set")
    PASSWORD_CHANGED = says(4014, "Password changed")
    PASSWORD_CHANGE_REFUSED = says(4015, "Change of password refused")
    TWO_STEP_SET_UP = says(4016, "2-Step Verification set up")
    TWO_STEP_REPLACED = says(4017, "2-Step Verification moved to a new key")
    TWO_STEP_REMOVED = says(4018, "2-Step Verification turned off")
    ACCOUNT_MADE = says(4019, "Account made")
    CODES_TURNED_ON = says(4064, "Codes by email or text message turned on")
    CODES_TURNED_OFF = says(4065, "Codes by email or text message turned off")
    RECOVERY_CODES_MADE = says(4060, "New recovery codes made")
    RECOVERY_CODE_USED = says(4061, "A recovery code was used")
    RECOVERY_CODE_WRONG = says(4062, "Wrong recovery code")
    MORE_REQUIRED = says(4101, "A second step became required while signed in")

    ADDRESS_BEGUN = says(4111, "A new address was typed; a code went there")
    ADDRESS_CODE_WRONG = says(4112, "Wrong code for a new address")
    ADDRESS_CONFIRMED = says(4113, "A new address was confirmed")
    ADDRESS_REMOVED = says(4114, "An address was removed")
    ADDRESS_SET = says(4115, "An administrator entered an address")
    ADDRESS_REMOVED_BY_OTHER = says(4116, "An administrator removed an address")

    STAY_SIGNED_IN = says(4117, "Staying signed in was switched on or off")

    TEST_MESSAGE = says(4121, "An administrator sent a test message")

    REMOVED_BY_OTHER = says(4431, "An administrator removed 2-Step Verification")
    TWO_STEP_PAUSED = says(4432, "An administrator paused 2-Step Verification")
    PAUSE_ENDED = says(4433, "An administrator ended the pause of 2-Step Verification")
    HELP_DESK_CODE_MADE = says(4434, "The help desk made a code")
    HELP_DESK_CODE_WITHDRAWN = says(4435, "The help desk withdrew a code")
    HELP_DESK_CODE_USED = says(4436, "A code of the help desk was used")
    HELP_DESK_CODE_WRONG = says(4437, "Wrong code of the help desk")
    SESSIONS_ENDED_BY_OTHER = says(4438, "An administrator ended all sessions")
    DEVICES_FORGOTTEN_BY_OTHER = says(4439, "An administrator had all devices forgotten")
    RESET_SENT = says(4440, "An administrator sent a link to choose a new password")
    RESET_ASKED = says(4441, "A link to choose a new password was asked for")
    PASSWORD_RESET = says(4442, "A new password was chosen by a link")
    INVITED = says(4443, "An invitation was sent")
    INVITATION_ACCEPTED = says(4444, "The invitation was accepted")
    EDITED = says(4445, "An administrator changed the name")
    DISABLED = says(4446, "An administrator disabled the account")
    ENABLED = says(4447, "An administrator enabled the account again")
    CALLER_CHECKED = says(4448, "The help desk checked a caller by a code sent to you")
    CALLER_CHECK_FAILED = says(4449, "The help desk checked a caller, and the code was wrong")
    PERMISSION_GRANTED = says(4450, "A permission was given")
    PERMISSION_REVOKED = says(4451, "A permission was taken away")
    DATA_EXPORTED = says(4452, "An administrator downloaded what is stored about you")

    DEVICE_OLD_TOKEN = says(4020, "A copy of a device's cookie was shown")
    DEVICE_FORGOTTEN = says(4021, "A device was forgotten")

    @property
    def sentence(self) -> Sentence:
        """The words of this activity."""
        return self.value


LISTED: Mapping[EventKind, Activity] = MappingProxyType(
    {
        EventKind.SIGN_IN_COMPLETED: Activity.SIGNED_IN,
        EventKind.PASSWORD_REFUSED: Activity.PASSWORD_WRONG,
        EventKind.CODE_REFUSED: Activity.CODE_WRONG,
        EventKind.CODE_ALREADY_USED: Activity.CODE_USED_AGAIN,
        EventKind.CODE_CLOCK_OFF: Activity.CLOCK_OFF,
        EventKind.PASSWORD_SUSPECT: Activity.PASSWORD_SUSPECT,
        EventKind.LOCKOUT_BEGUN: Activity.PAUSED,
        EventKind.USER_UNLOCKED: Activity.UNLOCKED,
        EventKind.SIGN_IN_FROM_SESSION: Activity.MORE_REQUIRED,
        EventKind.SIGN_IN_REFUSED: Activity.REFUSED,
        EventKind.SIGN_IN_CANCELLED: Activity.CANCELLED,
        EventKind.SIGNED_OUT: Activity.SIGNED_OUT,
        EventKind.SESSION_ENDED: Activity.SESSION_ENDED,
        EventKind.PASSWORD_SET: Activity.PASSWORD_SET,
        EventKind.PASSWORD_CHANGED: Activity.PASSWORD_CHANGED,
        EventKind.PASSWORD_CHANGE_REFUSED: Activity.PASSWORD_CHANGE_REFUSED,
        EventKind.AUTHENTICATOR_SET_UP: Activity.TWO_STEP_SET_UP,
        EventKind.AUTHENTICATOR_REPLACED: Activity.TWO_STEP_REPLACED,
        EventKind.AUTHENTICATOR_REMOVED: Activity.TWO_STEP_REMOVED,
        EventKind.DEVICE_OLD_TOKEN: Activity.DEVICE_OLD_TOKEN,
        EventKind.DEVICE_FORGOTTEN: Activity.DEVICE_FORGOTTEN,
        EventKind.CODES_TURNED_ON: Activity.CODES_TURNED_ON,
        EventKind.CODES_TURNED_OFF: Activity.CODES_TURNED_OFF,
        EventKind.RECOVERY_CODES_MADE: Activity.RECOVERY_CODES_MADE,
        EventKind.RECOVERY_CODE_USED: Activity.RECOVERY_CODE_USED,
        EventKind.RECOVERY_CODE_REFUSED: Activity.RECOVERY_CODE_WRONG,
        EventKind.ADDRESS_CHANGE_BEGUN: Activity.ADDRESS_BEGUN,
        EventKind.ADDRESS_CODE_REFUSED: Activity.ADDRESS_CODE_WRONG,
        EventKind.ADDRESS_CONFIRMED: Activity.ADDRESS_CONFIRMED,
        EventKind.ADDRESS_REMOVED: Activity.ADDRESS_REMOVED,
        EventKind.ADDRESS_SET_FOR_USER: Activity.ADDRESS_SET,
        EventKind.ADDRESS_REMOVED_FOR_USER: Activity.ADDRESS_REMOVED_BY_OTHER,
        EventKind.STAY_SIGNED_IN_SET: Activity.STAY_SIGNED_IN,
        EventKind.TEST_MESSAGE_ASKED: Activity.TEST_MESSAGE,
        EventKind.TWO_STEP_REMOVED: Activity.REMOVED_BY_OTHER,
        EventKind.TWO_STEP_PAUSED: Activity.TWO_STEP_PAUSED,
        EventKind.TWO_STEP_PAUSE_ENDED: Activity.PAUSE_ENDED,
        EventKind.HELP_DESK_CODE_MADE: Activity.HELP_DESK_CODE_MADE,
        EventKind.HELP_DESK_CODE_WITHDRAWN: Activity.HELP_DESK_CODE_WITHDRAWN,
        EventKind.HELP_DESK_CODE_USED: Activity.HELP_DESK_CODE_USED,
        EventKind.HELP_DESK_CODE_REFUSED: Activity.HELP_DESK_CODE_WRONG,
        EventKind.SESSIONS_ENDED_FOR_USER: Activity.SESSIONS_ENDED_BY_OTHER,
        EventKind.DEVICES_FORGOTTEN_FOR_USER: Activity.DEVICES_FORGOTTEN_BY_OTHER,
        EventKind.PASSWORD_RESET_SENT: Activity.RESET_SENT,
        EventKind.PASSWORD_RESET_ASKED: Activity.RESET_ASKED,
        EventKind.PASSWORD_RESET: Activity.PASSWORD_RESET,
        EventKind.USER_INVITED: Activity.INVITED,
        EventKind.INVITATION_ACCEPTED: Activity.INVITATION_ACCEPTED,
        EventKind.USER_EDITED: Activity.EDITED,
        EventKind.USER_DISABLED: Activity.DISABLED,
        EventKind.USER_ENABLED: Activity.ENABLED,
        EventKind.CALLER_CHECKED: Activity.CALLER_CHECKED,
        EventKind.CALLER_CHECK_FAILED: Activity.CALLER_CHECK_FAILED,
        EventKind.PERMISSION_GRANTED: Activity.PERMISSION_GRANTED,
        EventKind.PERMISSION_REVOKED: Activity.PERMISSION_REVOKED,
        EventKind.USER_EXPORTED: Activity.DATA_EXPORTED,
        EventKind.USER_ADDED: Activity.ACCOUNT_MADE,
        EventKind.FIRST_ADMINISTRATOR_MADE: Activity.ACCOUNT_MADE,
    }
)
"""The kinds of event that a person's own list shows, and as what."""
