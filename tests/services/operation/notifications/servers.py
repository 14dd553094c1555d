"""A real SMTP server and a receiver of webhooks on this machine, which keep what they are given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller

from shuttle.services.operation.notifications.mail import MailServer
from shuttle.services.operation.notifications.webhook import Webhook
from tests.ports import free_port

SECRET = "a shared secret of 30 letters."


@dataclass
class Inbox:
    """`answers`: what the server says to the next messages in place of taking them."""

    server: MailServer
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def texts(self) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of each mail."""
        return [(each["To"], each["Subject"], text_of(each)) for each in self.mails]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def an_inbox() -> Iterator[Inbox]:
    port = free_port()
    server = MailServer(
        host="127.0.0.1", port=port, security="none", user="", password="", sender="buss@shuttle.example.org"
    )
    inbox = Inbox(server)
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


@dataclass
class Receiver:
    """What was posted: headers and body. `statuses`: answers to the next posts in place of 204."""

    webhook: Webhook
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(Webhook(f"http://127.0.0.1:{server.server_port}/hook", SECRET))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
