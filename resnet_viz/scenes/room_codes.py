"""Codes of rooms: short enough to be typed from a projector, and read as they were meant.

No two characters of the alphabet look alike: of each group that does, one is used and the others are read as it (Z as
2, O as 0). It has no vowels, so that no code is a word.
"""

import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "0123456789CDFGHJKMNPQRTVWXY"
LENGTH: Final = 4  # 531,441 codes, of which 500 are in use
MAX_LENGTH: Final = 6
_LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "U": "V"})
_IGNORED: Final = str.maketrans("", "", " -_.\t\r\n")
_LONGEST_TYPED: Final = 24  # characters; four letters with blanks, dashes and a quotation around them


def new_code(length: int = LENGTH) -> str:
    """Returns a code at random; nothing can be concluded from it about another room's."""
    return "".join(secrets.choice(ALPHABET) for _number in range(length))


def read_code(typed: str) -> str | None:
    """Returns the code that was typed or lies in an address, or None where it can be none.

    Lower case, full-width characters, blanks, dashes and look-alikes (0/O, 1/I/L, 2/Z, 5/S, 8/B, V/U) are accepted.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    code = unicodedata.normalize("NFKC", typed).upper().translate(_IGNORED).translate(_LOOK_ALIKES)
    is_code = LENGTH <= len(code) <= MAX_LENGTH and all(character in ALPHABET for character in code)
    return code if is_code else None
