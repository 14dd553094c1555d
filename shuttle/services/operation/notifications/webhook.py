"""Webhook: one POST of JSON for each notification to a system of the municipality.

Signed as Standard Webhooks 1.0 says: `webhook-id` (the same at every try, so that a receiver keeps one), `webhook-timestamp` in seconds, and
`webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` with the secret. A receiver compares the signature and
refuses old timestamps.
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from shuttle.domain.basics.errors import Unavailable

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Webhook:
    """Where to post, and the shared secret."""

    address: str
    secret: str


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    return f"v1,{b64encode(hmac.digest(secret.encode(), signed, sha256)).decode()}"


def post(webhook: Webhook, id: str, document: dict[str, Any], now: datetime) -> None:
    """Post a document; any answer of 200 to 299 is taken. Redirects are not followed. Raises Unavailable (`webhook-not-taken`)."""
    from httpx2 import Client, HTTPError

    body, timestamp = orjson.dumps(document), int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "shuttle",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(webhook.secret, id, timestamp, body),
    }
    try:
        with Client(trust_env=False, timeout=TIMEOUT_SECONDS) as client:
            status = client.post(webhook.address, content=body, headers=headers).status_code
    except (HTTPError, OSError) as error:
        raise Unavailable(
            "webhook-not-taken", "the webhook's receiver does not answer", inside=f"{type(error).__name__}: {error}"
        ) from None
    if not 200 <= status < 300:
        raise Unavailable("webhook-not-taken", f"the webhook's receiver answered {status}", given=status)
