"""Catalogues: gettext files (`<language>/<part>.po`), one for each part of the house, read as one for each language.

The key is the msgid. A key belongs to one part only, so that two parts cannot say different things under one name.
"""

from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("nb", "nn", "en")
"""Bokmål first: it is what one gets who has not chosen. These are also the values of the attribute `lang`."""

FOLDER = Path(__file__).parent


def read_part(path: Path) -> dict[str, tuple[str, ...]]:
    """The texts of one file: key -> the text, or its forms for one and for several."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name, abort_invalid=True)
    texts: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return texts


def read_texts(language: str) -> dict[str, tuple[str, ...]]:
    """All texts of a language. Raises ValueError for a key that two parts have."""
    texts: dict[str, tuple[str, ...]] = {}
    for path in sorted((FOLDER / language).glob("*.po")):
        part = read_part(path)
        if twice := texts.keys() & part.keys():
            raise ValueError(f"{path.name} ({language}) repeats {', '.join(sorted(twice))}")
        texts |= part
    return texts
