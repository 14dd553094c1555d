"""E-mail over SMTP: one message to one person.

Delivery is at least once: where a program is killed between sending and noting it, the message goes again with the same Message-ID, by
which mail servers and readers recognise it.
"""

import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from shuttle.domain.basics.errors import Refused, Unavailable

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The SMTP server that mails are handed to. `security`: starttls, tls (from the first byte) or none; `sender`: the address in From."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail. `id`: the same at every try; `files`: name and content of PDF attachments."""

    id: str
    to: str
    subject: str
    body: str
    sender_name: str
    sent_at: datetime
    language: str
    files: Iterable[tuple[str, bytes]] = ()


def send_mail(server: MailServer, mail: Mail) -> None:
    """Hand a mail to the server. Raises Unavailable (`mail-not-sent`), where a later try may succeed, and Refused (`mail-refused`)."""
    message = _message(server, mail)
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message, server.sender, [mail.to])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        codes = (
            [code for code, _ in error.recipients.values()] if isinstance(error, smtplib.SMTPRecipientsRefused) else []
        )
        code = codes[0] if codes else getattr(error, "smtp_code", 0)
        if 500 <= code < 600:
            raise Refused("mail-refused", f"the mail server refused the message ({code})", given=code) from None
        raise Unavailable("mail-not-sent", f"the mail server did not take the message ({code})", given=code) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(
            "mail-not-sent", "the mail server did not take the message", inside=f"{type(error).__name__}: {error}"
        ) from None


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection


def _message(server: MailServer, mail: Mail) -> Message:
    """The classes of the older interface: the headers of `EmailMessage` lose spaces between words with letters beyond ASCII."""
    text, domain = MIMEText(mail.body, "plain", "utf-8"), server.sender.rpartition("@")[2]
    files = list(mail.files)
    message: Message = MIMEMultipart(_subparts=[text, *(_attached(*each) for each in files)]) if files else text
    message["From"] = formataddr((" ".join(mail.sender_name.split()), server.sender))
    message["To"] = mail.to
    message["Subject"] = Header(" ".join(mail.subject.split()), "utf-8", header_name="Subject").encode()
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # no answer by a machine, as "out of office" (RFC 3834)
    message["Content-Language"] = mail.language
    return message


def _attached(name: str, content: bytes) -> MIMEApplication:
    part = MIMEApplication(content, "pdf")
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part
