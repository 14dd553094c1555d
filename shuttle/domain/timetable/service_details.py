"""Details of the service: its names, the agency that answers for it, and the texts at the foot of every page.

They are data of one town, not of the program. A missing detail is empty, and pages then use neutral words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shuttle.domain.basics.errors import Invalid

LANGUAGE_KEYS = ("nb", "nn", "en")
ABOUT_PAGES = ("contact", "help", "privacy", "accessibility")
"""Texts at the foot of every page: each is empty, a text, or the address of a page elsewhere."""
LONGEST_NAME = 60
LONGEST_TEXT = 4000


def is_address(text: str) -> bool:
    """Whether a text is one web address, as https://www.example.no/contact."""
    parts = urlsplit(text.strip()) if text and not any(sign.isspace() for sign in text.strip()) else None
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.netloc)


@dataclass(frozen=True, kw_only=True)
class ServiceDetails:
    """`names` by language; `about`: text or address by ABOUT_PAGES; `is_example`: the data was made up for showing.

    Raises Invalid (`bad-service-name`, `bad-address`, `long-text`, `unknown-page`).
    """

    names: Mapping[str, str] = field(default_factory=dict)
    agency_id: str = ""
    agency_name: str = ""
    agency_url: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    is_example: bool = False

    def __post_init__(self) -> None:
        for name in (*self.names.values(), self.agency_name):
            if len(name) > LONGEST_NAME or not name.isprintable():
                raise Invalid("bad-service-name", f"{name[:80]!r} cannot be a name", given=name[:80], allowed=_NAMES)
        if self.agency_url and not is_address(self.agency_url):
            value = self.agency_url[:200]
            raise Invalid("bad-address", f"{value!r} is no web address", given=value, allowed="https://www.example.no")
        if unknown := self.about.keys() - set(ABOUT_PAGES):
            value = ", ".join(sorted(unknown))
            raise Invalid("unknown-page", f"there is no page {value!r}", given=value, allowed=", ".join(ABOUT_PAGES))
        for page, text in self.about.items():
            if len(text) > LONGEST_TEXT:
                value = f"{len(text)} characters"
                raise Invalid("long-text", f"the text of {page} is too long", given=value, allowed=f"{LONGEST_TEXT}")

    def name(self, language: str) -> str:
        """The service's name in a language, else in the first that has one; empty where there is none."""
        return self.names.get(language) or next((name for name in self.names.values() if name), "")


_NAMES = f"up to {LONGEST_NAME} printable characters"
NO_DETAILS = ServiceDetails()
