"""What every answer tells a browser to refuse: scripts and styles that are not files of ours, frames, guessing of types.

OWASP ASVS 5.0, chapter 3.4. Plain ASGI, because it stands in front of every request; programs that read the API need
none of it but `nosniff`.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class SecurityHeaders:
    """Adds the headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        wanted = ALWAYS if scope["path"].startswith(("/api/", "/feeds/")) else PAGES
        if scope["scheme"] == "https":
            wanted = wanted + OVER_TLS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                set_already = {name for name, _ in given}
                message["headers"] = given + [header for header in wanted if header[0] not in set_already]
            await send(message)

        return await self.app(scope, receive, send_with_headers)
