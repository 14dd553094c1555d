"""What every answer tells a browser to refuse: scripts and styles that are not files of ours, frames, guessing of types.

OWASP ASVS 5.0, chapter 3.4. Programs that read the API need none of it but `nosniff`.
"""

from starlette.types import Scope

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
ON_PAGES = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = "max-age=31536000"

Raw = list[tuple[bytes, bytes]]


def _raw(wanted: dict[str, str]) -> Raw:
    return [(name.encode(), value.encode()) for name, value in wanted.items()]


ALWAYS = _raw({"x-content-type-options": "nosniff"})
OVER_TLS = _raw({"strict-transport-security": HSTS})
PAGES = ALWAYS + _raw(ON_PAGES)


def headers_for(scope: Scope) -> Raw:
    """What an answer to this request shall carry, where it does not say otherwise itself."""
    wanted = ALWAYS if scope["path"].startswith(("/api/", "/feeds/")) else PAGES
    return wanted + OVER_TLS if scope["scheme"] == "https" else wanted


def with_headers(given: Raw, wanted: Raw) -> Raw:
    """The headers of an answer and those that it does not set itself."""
    if wanted is ALWAYS:
        return [*given, *wanted]  # which no answer sets
    set_already = {name for name, _ in given}
    return [*given, *(header for header in wanted if header[0] not in set_already)]
