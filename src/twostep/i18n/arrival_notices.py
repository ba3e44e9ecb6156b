"""What is said about forgotten passwords, invitations and lists of new users, beside one field or
once at the top. See ``notices``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from twostep.core.user_lists import LineProblem, ListProblem
from twostep.i18n.sentences import Sentence, says


class ArrivalNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    PASSWORD_RESET = says(
        3520,
        "Your new password is saved, and you are signed out everywhere. Sign in with it; whatever"
        " else you are asked for is asked as ever.",
    )
    INVITATION_ACCEPTED = says(
        3521, "Your password is saved. Sign in with your user name and this password."
    )
    NAME_OR_ADDRESS_MISSING = says(3522, "Type your user name or your email address.")

    # What an administrator is told.
    RESET_SENT = says(
        3523, "The link is on its way. What became of the mail stands under the messages."
    )
    INVITED = says(
        3524,
        "The invitation is on its way. What became of the mail stands under the messages.",
    )
    ENOUGH_SENT = says(
        3525,
        "Three such mails were sent to this user in the last hours, which is enough for now. The"
        " next one can be sent from %(until)s on.",
    )
    FULL_NAME_UNUSABLE = says(
        3526, "A name has at most 150 characters, all of which can be seen. Please change it."
    )
    ADDRESS_MISSING = says(
        3527, "Type an email address: the invitation goes there, and nowhere else."
    )
    ADDRESS_UNUSABLE = says(3528, "This is no address that mail can be sent to. Check it.")
    CHANGED_MEANWHILE = says(
        3529,
        "Something of this user was changed a moment ago, so nothing was sent. Look at what stands"
        " there now, then try again.",
    )
    NAME_MISSING = says(3549, "Type the user name with which this person is to sign in.")

    # A list of new users.
    LIST_MISSING = says(3540, "Choose a file, or paste the lines below.")
    LIST_TWICE = says(
        3541, "A file was chosen, and lines were pasted as well. Send one of the two, please."
    )
    LIST_NOT_UTF8 = says(
        3542,
        "From line %(number)s on the letters cannot be read. Save the list as “CSV UTF-8” and send"
        " it again.",
    )
    LIST_NO_HEADER = says(
        3543,
        "The first line must name the columns: user_name, and if you have them full_name, email"
        " and invite. Add that line and send the list again.",
    )
    LIST_TOO_MANY = says(
        3544,
        "These are more than a hundred thousand lines. Send them in several lists, please.",
    )
    LIST_EMPTY = says(3545, "There is nobody in this list: no line follows the first one.")
    LIST_DROPPED = says(
        3546, "This list was thrown away, and nobody was made. Send it again if you still want it."
    )
    LIST_CHANGED = says(
        3547,
        "Nobody was made: something has changed since the list was checked. What is wrong now"
        " stands below.",
    )
    LIST_THROWN_AWAY = says(3548, "The list is thrown away. Nobody was made.")

    # What is wrong with a line of it.
    LINE_UNREADABLE = says(
        3560, "A quotation mark is not closed, or something stands behind a closed one."
    )
    LINE_TOO_LONG = says(3561, "This line is much longer than a name and an address.")
    LINE_COLUMNS = says(3562, "This line has more or fewer fields than the first line names.")
    LINE_NAME_MISSING = says(3563, "The user name is missing.")
    LINE_NAME_UNUSABLE = says(
        3564, "The user name is too long, or has signs in it that cannot be seen."
    )
    LINE_FULL_NAME_UNUSABLE = says(
        3565, "The full name is too long, or has signs in it that cannot be seen."
    )
    LINE_ADDRESS_UNUSABLE = says(3566, "The address is none that mail can be sent to.")
    LINE_INVITE_UNREADABLE = says(3567, "Under invite there stands neither yes nor no.")
    LINE_NO_ADDRESS_TO_INVITE = says(
        3568, "This person is to be invited, and there is no address to send it to."
    )
    LINE_TWICE = says(3569, "Line %(first)s has this user name already, however it is written.")
    LINE_TAKEN = says(3570, "There is a user of this name already, however it is written.")

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value


LINES: Final[Mapping[LineProblem, ArrivalNotice]] = MappingProxyType(
    {problem: ArrivalNotice[f"LINE_{problem.name}"] for problem in LineProblem}
)
"""What is said of a line."""

LISTS: Final[Mapping[ListProblem, ArrivalNotice]] = MappingProxyType(
    {problem: ArrivalNotice[f"LIST_{problem.name}"] for problem in ListProblem}
)
"""What is said of a list as a whole."""
