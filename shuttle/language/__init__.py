"""User-visible texts in Bokmål, Nynorsk and English.

A text has a key that names its place of use (`public.next-departure`), never its wording in one language. So no language is
the original, and a text can change without the code. `words(language)` gives the texts of one language together with its
formats of dates, times and numbers, so a page never mixes two languages.
"""

from collections.abc import Mapping
from functools import cache

from shuttle.language.catalogues import LANGUAGES, Texts
from shuttle.language.formats import Formats

__all__ = ["LANGUAGES", "MissingText", "Words", "pick_language", "words"]


class MissingText(LookupError):
    """A key or language without texts: a fault of the program, detected by the tests of the catalogues."""


class Words(Formats):
    """The texts of one language, and its formats of dates, times and numbers (see `Formats`)."""

    def __init__(self, language: str, texts: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(language)
        self._texts = texts

    def say(self, key: str, **values: object) -> str:
        """The text of a key with its `{placeholders}` filled in. Raises MissingText."""
        return self._forms(key)[0].format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The singular or plural text of a key: "1 avgang", "5 avganger". `{n}` has the language's number format.

        Raises MissingText.
        """
        forms = self._forms(key)
        return forms[0 if n == 1 else -1].format(n=self.number(n), **values)

    def knows(self, key: str) -> bool:
        """True when the key has a text."""
        return key in self._texts

    def texts(self, prefix: str) -> dict[str, str]:
        """All texts whose key begins with the prefix, for scripts in the browser that work offline."""
        return {key: forms[0] for key, forms in self._texts.items() if key.startswith(prefix)}

    def _forms(self, key: str) -> tuple[str, ...]:
        try:
            return self._texts[key]
        except KeyError:
            raise MissingText(f"there is no text {key!r} in {self.language}") from None


@cache
def words(language: str) -> Words:
    """The words of `nb`, `nn` or `en`, one object for each. Raises MissingText for another language."""
    if language not in LANGUAGES:
        raise MissingText(f"there is no language {language!r}; known: {', '.join(LANGUAGES)}")
    return Words(language, Texts(language))


def pick_language(*wishes: str | None) -> str:
    """The first of the wishes that is a supported language; Bokmål when none is."""
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
