"""Catalogues: gettext files (`<language>/<part>.po`), merged into one mapping for each language.

The key is the msgid. A key belongs to one part only, so two parts cannot give one key different texts.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock

from babel.messages.pofile import read_po

LANGUAGES = ("nb", "nn", "en")
"""Supported languages; the first one, Bokmål, is the default. They are also the values of the HTML attribute `lang`."""

FOLDER = Path(__file__).parent


def read_part(path: Path) -> dict[str, tuple[str, ...]]:
    """The texts of one file: key -> (text,) or (singular, plural). Raises PoFileError for a broken file."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name, abort_invalid=True)
    texts: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return texts


class Texts(Mapping[str, tuple[str, ...]]):
    """All texts of a language: key -> (text,) or (singular, plural).

    Parts are read lazily, in order of name, until one has the key. The first part, `common`, has the texts of departures
    and counts, so the first requests after a start do not wait for the texts of all pages.
    """

    def __init__(self, language: str) -> None:
        self._unread = sorted((FOLDER / language).glob("*.po"), reverse=True)
        self._read: dict[str, tuple[str, ...]] = {}
        self._lock = Lock()

    def __getitem__(self, key: str) -> tuple[str, ...]:
        while key not in self._read and self._unread:
            self._read_one()
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        while self._unread:
            self._read_one()
        return iter(self._read)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read_one(self) -> None:
        """Read the next part. Raises ValueError for a key of two parts."""
        with self._lock:
            if not self._unread:
                return
            path = self._unread[-1]
            part = read_part(path)
            if twice := self._read.keys() & part.keys():
                raise ValueError(f"{path.name} ({path.parent.name}) repeats {', '.join(sorted(twice))}")
            self._read |= part
            self._unread.pop()  # last: another thread must not see this part as read before its texts are there
