"""Why a sign-in was decided as it was: codes and data, never sentences.

Every decision carries the reasons for it. The audit log stores them, the page says them
(``i18n/messages.py``
holds one sentence for each code), the help desk reads them. A code, once released, keeps its
meaning: old
events are read with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """One code for each reason that a decision can have."""

    NOTHING_PROVEN = "nothing_proven"
    """Nobody has shown a password yet."""

    PASSWORD_PROVEN = "password_proven"
    """The password was right; what follows depends on the policy."""

    TWO_STEP_OFF = "two_step_off"
    """The environment has switched 2-step verification off: nobody is asked."""

    OPTIONAL_AND_NOT_SET_UP = "optional_and_not_set_up"
    """2-step verification is optional here and this person has not set it up."""

    SET_UP_BY_PERSON = "set_up_by_person"
    """This person has a second step, so it is asked."""

    REQUIRED_HERE = "required_here"
    """The environment requires 2-step verification. Data: ``source`` (environment or floor)."""

    NOT_SET_UP_YET = "not_set_up_yet"
    """The second step is required and this person has none: set-up comes first."""

    NO_METHOD_ALLOWED = "no_method_allowed"
    """The second step is required, but no method that can be set up is allowed."""

    NEW_DEVICE = "new_device"
    """This browser is not remembered for this person."""

    DEVICE_REMEMBERED = "device_remembered"
    """This device is remembered. Data: ``until`` (milliseconds)."""

    DEVICE_PASSES = "device_passes"
    """A code was right in this browser within the last five minutes. Data: ``until``."""

    DEVICE_NOT_REMEMBERED = "device_not_remembered"
    """This browser is known, but the person did not ask to have it remembered."""

    DEVICE_TIME_OVER = "device_time_over"
    """This device was remembered until then. Data: ``until``."""

    DEVICE_BEFORE_PASSWORD = "device_before_password"
    """It was remembered until then, but the password changed elsewhere. Data: ``until``, and
    ``changed``, both in milliseconds.
    """

    DEVICE_BEFORE_SECOND_STEP = "device_before_second_step"
    """It was remembered until then, but the second step changed elsewhere. Data: ``until``, and
    ``changed``, both in milliseconds.
    """

    DEVICE_FORGOTTEN = "device_forgotten"
    """This device was forgotten, from the list or because there were too many."""

    DEVICE_COOKIE_NOT_KEPT = "device_cookie_not_kept"
    """A browser like this one was remembered twice lately, and has not shown our cookie since."""

    DEVICE_OLD_TOKEN = "device_old_token"
    """This browser shows what it had before its last sign-in: a restored tab, or a copy."""

    REMEMBERING_SWITCHED_OFF = "remembering_switched_off"
    """Remembering was switched off after this device was remembered."""

    BOTH_STEPS_PROVEN = "both_steps_proven"
    """Password and second step were both shown."""

    ASKED_BY_ACT = "asked_by_act"
    """What the person is about to do asks for more, or fresher, proof. Data: ``act``."""

    REQUIRED_SINCE_SIGNED_IN = "required_since_signed_in"
    """A second step became required while this person was signed in, for live sessions too."""

    LAST_RECOVERY_CODE = "last_recovery_code"
    """The last recovery code was used: the app has to be set up again before anything else."""

    PROOF_TOO_OLD = "proof_too_old"
    """The proof that was shown is older than the act allows. Data: ``minutes``."""

    PASSWORD_MAY_BE_KNOWN = "password_may_be_known"
    """Somebody gave the right password and many wrong codes: a new password is asked."""

    SESSION_GOES_ON = "session_goes_on"
    """A live session whose proofs still hold."""

    USER_UNKNOWN = "user_unknown"
    """There is no user of that name in this environment."""

    USER_DISABLED = "user_disabled"
    """The user is disabled."""

    PASSWORD_CHANGED = "password_changed"
    """The password was changed or reset after this was begun."""

    SECOND_STEP_CHANGED = "second_step_changed"
    """The second step was set up, replaced or removed after this was begun."""

    INSTALLATION_RESTORED = "installation_restored"
    """A backup was restored after this was begun."""

    WAITED_TOO_LONG = "waited_too_long"
    """The sign-in waited longer than its time limit."""

    SESSION_IDLE = "session_idle"
    """The session was not used for longer than its idle limit."""

    SESSION_OVER = "session_over"
    """The session reached its longest allowed life."""

    TOO_MANY_HELP_DESK_CODES = "too_many_help_desk_codes"
    """A pause after wrong help-desk codes. Data: ``until`` (milliseconds)."""

    HELP_DESK_CODES_STOPPED = "help_desk_codes_stopped"
    """A hundred wrong help-desk codes: an administrator must unlock them (NIST SP 800-63B-4 section
    3.2.2).
    """

    HELP_DESK_CODE_OVER = "help_desk_code_over"
    """The session was opened by a help-desk code, and ended with it."""

    TWO_STEP_PAUSE_OVER = "two_step_pause_over"
    """The session was opened while the second step was paused, and ended with the pause."""

    HELP_DESK_CODE_SHOWN = "help_desk_code_shown"
    """Password and a help-desk code for today's work were shown. Data: ``until``."""

    HELP_DESK_SESSION = "help_desk_session"
    """A session that a help-desk code opened does not change how somebody signs in."""

    SET_UP_CODE_ASKED = "set_up_code_asked"
    """An administrator removed the second step: a set-up code of theirs is asked before an app may
    be set up (AC-34).
    """

    SET_UP_CODE_SHOWN = "set_up_code_shown"
    """A set-up code of an administrator was shown: now the app is set up."""

    TWO_STEP_PAUSED = "two_step_paused"
    """An administrator has paused this person's second step. Data: ``until`` (milliseconds)."""

    LASTING_OVERRULED = "lasting_overruled"
    """The session was made to outlast its browser; the installation's switch overrules that (CS-5).
    """

    ENDED = "ended"
    """It was signed out, ended from the list, cancelled or already used."""

    TOO_MANY_PASSWORDS = "too_many_passwords"
    """A pause after wrong passwords. Data: ``until`` (milliseconds)."""

    TOO_MANY_CODES = "too_many_codes"
    """A pause after wrong codes. Data: ``until`` (milliseconds)."""

    PASSWORD_STOPPED = "password_stopped"
    """A hundred wrong passwords: an administrator must unlock it (NIST SP 800-63B-4 section 3.2.2).
    """

    SECOND_STEP_STOPPED = "second_step_stopped"
    """A hundred wrong codes: an administrator must unlock it (NIST SP 800-63B-4 section 3.2.2)."""

    TOO_MANY_RECOVERY_CODES = "too_many_recovery_codes"
    """A pause after wrong recovery codes. Data: ``until`` (milliseconds)."""

    RECOVERY_CODES_STOPPED = "recovery_codes_stopped"
    """A hundred wrong recovery codes: an administrator must unlock them (NIST SP 800-63B-4 section
    3.2.2).
    """


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its code, and the numbers or words that its sentence needs.

    ``data`` is kept as sorted pairs, so that a reason is hashable and two equal reasons compare
    equal.
    """

    code: Code
    data: tuple[tuple[str, int | str], ...] = ()

    def get(self, name: str) -> int | str | None:
        """The datum of that name, or None."""
        return dict(self.data).get(name)

    def as_json(self) -> dict[str, int | str]:
        """What the audit log and the sessions table store."""
        return {"code": self.code.value, **dict(self.data)}


Reasons = tuple[Reason, ...]


def because(code: Code, **data: int | str) -> Reason:
    """A reason, where the decision is made: ``because(Code.TOO_MANY_CODES, until=until)``."""
    return Reason(code, tuple(sorted(data.items())))


def from_json(stored: Mapping[str, int | str]) -> Reason:
    """The reason that :meth:`Reason.as_json` stored. Raises ValueError for an unknown code."""
    code = Code(str(stored["code"]))
    return because(code, **{name: value for name, value in stored.items() if name != "code"})
