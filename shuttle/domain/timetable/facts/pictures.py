"""The picture of a stop: what it is and shows, without its bytes, which only the page's own address serves."""

from dataclasses import dataclass

from shuttle.domain.basics.errors import Invalid

LONGEST_ALT = 200
"""Characters of an alternative text."""


@dataclass(frozen=True, kw_only=True)
class StopPicture:
    """`alt`: what it shows, in words, for whoever does not see it; `alt_nn`, `alt_en`: empty where `alt` does.

    `width`, `height` in pixels; `digest` changes with its bytes. Raises Invalid (`no-alternative-text`, `long-text`).
    """

    stop: str
    width: int
    height: int
    digest: str
    alt: str
    alt_nn: str = ""
    alt_en: str = ""

    def __post_init__(self) -> None:
        if not self.alt.strip():
            allowed = "what the picture shows, as: the blue door beside the bus stop"
            raise Invalid(
                "no-alternative-text", "the picture has no alternative text", given="nothing", allowed=allowed
            )
        for text in (self.alt, self.alt_nn, self.alt_en):
            if len(text) > LONGEST_ALT:
                value, allowed = f"{len(text)} characters", f"at most {LONGEST_ALT}"
                raise Invalid("long-text", "the alternative text is too long", given=value, allowed=allowed)

    def alt_in(self, language: str) -> str:
        """The alternative text in `nb`, `nn` or `en`."""
        return {"nn": self.alt_nn, "en": self.alt_en}.get(language, "") or self.alt
