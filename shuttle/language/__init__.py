"""What people read, in Bokmål, Nynorsk and English.

A text is found by a key that says where it is used (`public.next-departure`), never by its wording in one language, so that
no language is the original and a text can be mended without touching code. `words(language)` gives the texts and the ways
of writing dates, times and numbers of one language together: a page never mixes two.
"""

from collections.abc import Mapping
from functools import cache

from shuttle.language.catalogues import LANGUAGES, Texts
from shuttle.language.formats import Formats

__all__ = ["LANGUAGES", "MissingText", "Words", "pick_language", "words"]


class MissingText(LookupError):
    """A key that no catalogue has: a fault in the program, found by the tests of the catalogues."""


class Words(Formats):
    """The texts of one language, and how it writes dates, times and numbers (see `Formats`)."""

    def __init__(self, language: str, texts: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(language)
        self._texts = texts

    def say(self, key: str, **values: object) -> str:
        """The text with its `{placeholders}` filled in. Raises MissingText."""
        return self._forms(key)[0].format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The text for one or for several: "1 avgang", "5 avganger". `{n}` is written as the language writes numbers."""
        forms = self._forms(key)
        return forms[0 if n == 1 else -1].format(n=self.number(n), **values)

    def knows(self, key: str) -> bool:
        return key in self._texts

    def texts(self, prefix: str) -> dict[str, str]:
        """All texts whose key begins with the prefix, for a script in the browser that must speak while offline."""
        return {key: forms[0] for key, forms in self._texts.items() if key.startswith(prefix)}

    def _forms(self, key: str) -> tuple[str, ...]:
        try:
            return self._texts[key]
        except KeyError:
            raise MissingText(f"there is no text {key!r} in {self.language}") from None


@cache
def words(language: str) -> Words:
    """The words of `nb`, `nn` or `en`; made once. Raises MissingText for another language."""
    if language not in LANGUAGES:
        raise MissingText(f"there is no language {language!r}; known: {', '.join(LANGUAGES)}")
    return Words(language, Texts(language))


def pick_language(*wishes: str | None) -> str:
    """The first wish that is a language of ours; Bokmål when none is."""
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
