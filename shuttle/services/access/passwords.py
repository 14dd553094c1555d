"""Passwords: their strength, their argon2id hashes.

Strength is judged by zxcvbn, which estimates how many guesses a password takes; there is no rule about kinds of characters. Words of the
service and of the calendar count as guessed at once, since people take them (`Sommer2026!!`).
"""

import re
from collections.abc import Iterable
from functools import cache
from math import log10
from secrets import token_hex
from typing import TYPE_CHECKING

from shuttle.domain.basics.errors import Invalid

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200

LEAST_GUESSES = 1e9
"""Guesses that a password takes at least; with argon2id a thousand processors need some days for them."""

JUDGED_CHARACTERS = 72
"""The estimate takes time quadratic in the length; what comes after these makes a password no weaker."""

COMMON_WORDS = [
    "sommer",
    "sommar",
    "vinter",
    "vår",
    "haust",
    "høst",
    "passord",
    "passordet",
    "hemmelig",
    "hemmeleg",
    "velkommen",
    "bergen",
    "norge",
    "noreg",
    "buss",
    "bussen",
    "skyss",
    "shuttle",
    "gyldenpris",
    "nesttun",
    "vågsbunnen",
    "senter",
    "senteret",
    "kommune",
    "planlegger",
    "sjåfør",
    "ansatt",
    "administrator",
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
    "mandag",
    "tirsdag",
    "onsdag",
    "torsdag",
    "fredag",
    "lørdag",
    "søndag",
    "måndag",
    "laurdag",
    "sundag",
]


def check_password(password: str, names: Iterable[str] = ()) -> None:
    """Raises Invalid (`short-password`, `weak-password`). `names`: of the account and of the service, which guessers try first."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            "short-password",
            f"the password has {len(password)} characters; it takes {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}",
            allowed=f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
        )
    if guesses(password, names) < LEAST_GUESSES:
        raise Invalid(
            "weak-password",
            "the password is easy to guess; take several words that do not belong together",
            allowed=f"a password that takes 10^{log10(LEAST_GUESSES):.0f} guesses, as a sentence does",
        )


def guesses(password: str, names: Iterable[str] = ()) -> float:
    """Estimated number of guesses until the password is found."""
    from zxcvbn import zxcvbn  # a tenth of a second: only where a password is set

    words = {part for name in names for part in (name, *re.split(r"\W+", name)) if len(part) > 1}
    judged = zxcvbn(password[:JUDGED_CHARACTERS], user_inputs=[*words, *COMMON_WORDS])
    return float(judged["guesses"])


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


def new_hash(password: str) -> str:
    """The argon2id hash of a password; takes 0.1 s."""
    return _hasher().hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """True when a password has the hash; takes 0.1 s."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def hash_of_nothing() -> str:
    """Hash for unknown names, so that their check takes as long."""
    return new_hash(token_hex(16))
