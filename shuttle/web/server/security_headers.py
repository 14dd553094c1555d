"""Security headers of every response (OWASP ASVS 5.0, chapter 3.4).

Pages get a Content-Security-Policy that allows only files of this origin. The API and the feeds get `nosniff` alone.
"""

from starlette.types import Scope

from shuttle.web.server import cross_origin

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
"""Strict-Transport-Security (RFC 6797) of one year."""

Raw = list[tuple[bytes, bytes]]


def _raw(headers: dict[str, str]) -> Raw:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


ALWAYS = _raw({"x-content-type-options": "nosniff"})
NOT_STORED = _raw({"cache-control": "no-store"})
"""For answers to who is signed in, where a route says nothing else: no cache of a browser or a proxy keeps them."""
PAGES = ALWAYS + _raw(ON_PAGES)
PUBLIC_DATA = ALWAYS + cross_origin.HEADERS


def over_tls(has_subdomains: bool) -> Raw:
    """The header of responses over TLS. `has_subdomains`: browsers then refuse plain HTTP for every subdomain too."""
    return _raw({"strict-transport-security": f"{HSTS}; includeSubDomains" if has_subdomains else HSTS})


def headers_for(scope: Scope, tls_headers: Raw) -> Raw:
    """The default security headers of the response to this request. `tls_headers`: those that come with HTTPS only."""
    path = scope["path"]
    if cross_origin.is_public_data(path):
        headers = PUBLIC_DATA
    else:
        headers = ALWAYS if path.startswith(("/api/", "/feeds/")) else PAGES
    return headers + tls_headers if scope["scheme"] == "https" else headers


def with_headers(headers: Raw, defaults: Raw) -> Raw:
    """A response's headers and the defaults that it does not set itself."""
    if defaults is ALWAYS or defaults is PUBLIC_DATA:
        return [*headers, *defaults]  # no response sets these
    names = {name for name, _ in headers}
    return [*headers, *(header for header in defaults if header[0] not in names)]
