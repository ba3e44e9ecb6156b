"""What the page of one user, and the dialogs that it leads to, say about a field or once at the
top. See ``notices``.
"""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, counts, says


class UserNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    UNLOCKED = says(3401, "Unlocked. The person can try again at once.")
    SESSIONS_ENDED = says(3402, "All sessions of this user have ended.")
    NO_SESSION = says(3403, "There was no session to end.")
    DEVICES_FORGOTTEN = says(
        3404, "All devices of this user are forgotten, and the sessions on them have ended."
    )
    NO_DEVICE = says(3405, "There was no device to forget.")
    DISABLED = says(3406, "This user is disabled. All their sessions and devices have ended.")
    DISABLED_ALREADY = says(3407, "This user was disabled already.")
    ENABLED = says(3408, "This user can sign in again.")
    ENABLED_ALREADY = says(3409, "This user was not disabled.")
    LAST_MANAGER = says(
        3410,
        "Nobody else here can manage users, so this user was not disabled. Give that permission to"
        " somebody else first.",
    )
    EDITED = says(3411, "The names are saved.")
    AS_BEFORE = says(3412, "Those are the names that stood there already. Nothing was changed.")
    FULL_NAME_INVALID = says(
        3413, "This name is too long, or has signs in it that cannot be seen. Please change it."
    )
    ADDRESS_ENTERED = says(
        3414,
        "The address is saved and counts at once. It stays marked as not confirmed until the person"
        " confirms it. The address before was told.",
    )
    ADDRESS_AS_BEFORE = says(3415, "That address stood there already. Nothing was changed.")
    ADDRESS_REMOVED = says(3416, "The address is removed, and was told.")
    NO_ADDRESS = says(3417, "There is no such address any more. Nothing was changed.")
    ADDRESS_OVERTAKEN = says(
        3418,
        "Somebody else changed the addresses of this user a moment ago, so nothing was changed"
        " here. Look at what stands there now, then try again.",
    )
    CALLER_CODE_SENT = says(
        3419, "A code is on its way. Ask the caller to read it to you, and type it below."
    )
    CALLER_CHECKED = says(
        3420, "The caller read the right code. That stands here for a quarter of an hour."
    )
    READ_BACK_MISSING = says(3421, "Type the code that the caller reads to you.")
    READ_BACK_MISSHAPEN = says(
        3422, "The code is six digits. Ask the caller to read them once more, one by one."
    )
    READ_BACK_WRONG = counts(
        3423,
        "That is not the code that was sent. %(tries)s try left. If the caller cannot read it, they"
        " may not be who they say.",
        "That is not the code that was sent. %(tries)s tries left. If the caller cannot read it,"
        " they may not be who they say.",
        by="tries",
    )
    CHECK_OVER = says(
        3424,
        "No code can be read back now: it was tried too often, is too old, or its address was"
        " changed. Send another one, or call the person back on a number that you know.",
    )
    CALLER_ENOUGH = says(
        3425,
        "Enough messages were sent there for now. The next one can be sent from %(until)s on.",
    )
    CALLER_NO_ADDRESS = says(3426, "Choose the address to which the code is to go.")
    PROVE_AGAIN = says(
        3427,
        "Nothing was changed yet: your last proof is more than five minutes old. Please show once"
        " more that it is you.",
    )
    NAME_OVERTAKEN = says(
        3428,
        "Somebody else has changed this to “%(name)s” meanwhile, so nothing was saved. Write here"
        " what is to stand, then save again.",
    )
    NAME_EMPTIED = says(
        3429,
        "Somebody else has emptied this meanwhile, so nothing was saved. Write here what is to"
        " stand, then save again.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
