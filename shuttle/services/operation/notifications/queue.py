"""The queue of notifications: what there is to tell becomes rows, once for each recipient, and rows are sent until they are taken.

Whoever works the queue first commits a claim, then sends, then commits the outcome. A process that is killed in between leaves the claim,
which ends by itself: the mail goes again with the same Message-ID, the webhook with the same id. What is due at once and could not be sent
before it is no news any more expires unsent.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from shuttle.domain.access.notifications import (
    TO_SYSTEMS,
    NotificationChoices,
    NotificationKind,
    NotificationTime,
    kinds_for,
    wait_after,
)
from shuttle.domain.access.permissions import Action, Person, Role, allow
from shuttle.domain.basics.errors import NotFound, Refused, Unavailable
from shuttle.domain.basics.service_time import parse_iso_date
from shuttle.domain.ridership.summaries import Span
from shuttle.feeds.printed.report import as_pdf
from shuttle.language import Words, words
from shuttle.services.app_context import AppContext
from shuttle.services.operation.notifications.causes import Cause, causes_now, duty_causes
from shuttle.services.operation.notifications.lines import Line, body_of, line_of, subject_of
from shuttle.services.operation.notifications.mail import Mail, MailServer, send_mail
from shuttle.services.operation.notifications.webhook import Webhook, post
from shuttle.services.ridership.reports import report
from shuttle.store.access.people import account_with_id
from shuttle.store.operation import notifications as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.operation.notifications import Notification

log = logging.getLogger("shuttle.notifications")

KEPT = timedelta(days=90)
"""How long what was sent is kept, and so what is told once: longer than any cause is looked up."""


@dataclass(frozen=True, kw_only=True)
class Outlets:
    """Where notifications go, and what their texts need. `base_url`: address of the pages, empty: not known; `fonts`: of PDFs."""

    mail: MailServer | None = None
    webhook: Webhook | None = None
    base_url: str = ""
    fonts: Path | None = None

    @property
    def any(self) -> bool:
        return self.mail is not None or self.webhook is not None


def work(context: AppContext, outlets: Outlets) -> tuple[int, int]:
    """Look for what there is to tell, and send what is due; the numbers of new rows and of batches sent."""
    if not outlets.any:
        return 0, 0
    return enqueue(context, outlets), deliver(context, outlets)


def enqueue(context: AppContext, outlets: Outlets) -> int:
    """Add what there is to tell now and was not told; the number of new rows."""
    now, schedule = context.now(), context.schedule()
    with context.reading() as session:
        people = store.everybodys_choices(session) if outlets.mail else []
        if not people and not outlets.webhook:
            return 0
        causes = list(causes_now(context, session, schedule))
        for person, choices in people:
            if NotificationKind.DUTY_CHANGED in choices.kinds:
                causes += duty_causes(context, session, schedule, person.id)
        wanted = list(_to_people(context, people, causes, now))
        if outlets.webhook:
            wanted += _to_webhook(causes, now)
        stored = store.keys_among(session, [each.key for each in wanted])
    new = [each for each in wanted if each.key not in stored]
    if not new:
        return 0
    with context.transaction() as session:
        store.forget_before(session, now - KEPT)
        return store.add(session, new)


def _to_people(
    context: AppContext, people: Iterable[tuple[Person, NotificationChoices]], causes: list[Cause], now: datetime
) -> Iterator[Notification]:
    """A person's notifications that are sent at once go in one mail, and so do those of one summary."""
    for person, choices in people:
        may_be_told = kinds_for(person)
        for cause in causes:
            choice = choices.kinds.get(cause.kind)
            if choice is None or cause.kind not in may_be_told or cause.account not in ("", person.id):
                continue
            if cause.happened_at < choice.since:
                continue
            is_daily = choice.when is NotificationTime.DAILY
            at = _next_summary(context, choices.hour, now) if is_daily else now
            yield Notification(
                key=cause.key(person.id),
                batch=f"{person.id}/{choice.when}/{at.isoformat()}",
                account=person.id,
                kind=cause.kind,
                data=cause.data,
                made_at=now,
                try_at=at,
                ends_at=None if is_daily else cause.ends_at,
            )


def _to_webhook(causes: list[Cause], now: datetime) -> list[Notification]:
    return [
        Notification(
            key=cause.key("webhook"),
            batch=f"webhook/{sha256(cause.key('webhook').encode()).hexdigest()[:40]}",
            account="",
            kind=cause.kind,
            data=cause.data,
            made_at=now,
            try_at=now,
            ends_at=cause.ends_at,
        )
        for cause in causes
        if cause.kind in TO_SYSTEMS
    ]


def _next_summary(context: AppContext, hour: int, now: datetime) -> datetime:
    local = now.astimezone(context.zone)
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def deliver(context: AppContext, outlets: Outlets) -> int:
    """Send every batch that is due and that nobody else sends; the number of those taken."""
    with context.reading() as session:
        batches = store.due_batches(session, context.now())
    return sum(_deliver(context, outlets, batch) for batch in batches)


def _deliver(context: AppContext, outlets: Outlets, batch: str) -> bool:
    now = context.now()
    with context.transaction() as session:
        claimed = store.claim(session, batch, now)
    if not claimed:
        return False
    current = [each for each in claimed if each.ends_at is None or each.ends_at > now]
    if not current:
        return _end(context, claimed, store.EXPIRED)
    try:
        _send(context, outlets, batch, current)
    except NotFound:  # the address was deleted, the kind taken away, or the timetable has the departure no more
        return _end(context, claimed, store.EXPIRED)
    except Refused as error:
        return _end(context, claimed, store.FAILED, error.code)
    except Unavailable as error:
        log.warning("a notification was not sent: %s", error.whole)
        wait = wait_after(claimed[0].tries)
        if wait is None:
            return _end(context, claimed, store.FAILED, error.code)
        with context.transaction() as session:
            store.postpone(session, batch, now + wait, error.code)
        return False
    return _end(context, claimed, store.SENT)


def _end(context: AppContext, batch: list[Notification], state: str, failure: str = "") -> bool:
    """Store the outcome, and what was sent to whom in the audit log; True for SENT."""
    now, first = context.now(), batch[0]
    with context.transaction() as session:
        store.end(session, first.batch, state, now, failure)
        if state != store.EXPIRED:
            name = account_with_id(session, first.account).name if first.account else "webhook"
            details = {"kinds": sorted({each.kind.value for each in batch}), "failure": failure}
            act = "send-notification" if state == store.SENT else "fail-notification"
            add_entry(session, now, "clock", Role.ADMIN.value, act, name, details)
    return state == store.SENT


def _send(context: AppContext, outlets: Outlets, batch: str, rows: list[Notification]) -> None:
    """Raises NotFound, Refused, Unavailable."""
    id = _identifier(context, batch)
    if not rows[0].account:
        if outlets.webhook is None:
            raise NotFound("no-webhook", "no webhook is set")
        data = {
            name: value for name, value in rows[0].data.items() if name != "outcome"
        }  # it may name hosts and folders
        document = {"type": rows[0].kind.value, "timestamp": rows[0].made_at.isoformat(), "data": data}
        post(outlets.webhook, f"msg_{id}", document, context.now())
        return
    if outlets.mail is None:
        raise NotFound("no-mail-server", "no mail server is set")
    send_mail(outlets.mail, _mail(context, outlets, id, rows))


def _identifier(context: AppContext, batch: str) -> str:
    """The same at every try, and another in another installation."""
    return sha256(f"{context.installation()}/{batch}".encode()).hexdigest()[:32]


def _mail(context: AppContext, outlets: Outlets, id: str, rows: list[Notification]) -> Mail:
    with context.reading() as session:
        chosen = [(person, each) for person, each in store.everybodys_choices(session) if person.id == rows[0].account]
    if not chosen:
        raise NotFound("no-address", "the account has no address any more")
    person, choices = chosen[0]
    say, schedule = words(choices.language), context.schedule()
    lines: list[Line] = []
    files: list[tuple[str, bytes]] = []
    for row in rows:
        if row.kind not in kinds_for(person):
            continue
        headline = ""
        if row.kind is NotificationKind.FIGURES_RELEASED:
            headline, file = _released(context, outlets, row, say)
            files.append(file)
        lines.append(line_of(row.kind, row.data, schedule, say, headline))
    if not lines:
        raise NotFound("nothing-to-tell", "the account may not be told of this any more")
    return Mail(
        id=id,
        to=choices.address,
        subject=subject_of(lines, say),
        body=body_of(lines, outlets.base_url, say),
        sender_name=_service_name(context, say),
        sent_at=context.now(),
        language=choices.language,
        files=files,
    )


def _released(context: AppContext, outlets: Outlets, row: Notification, say: Words) -> tuple[str, tuple[str, bytes]]:
    """The headline and the PDF of a fortnight's released figures: those that everybody may see, whoever gets the mail."""
    span = Span(parse_iso_date(row.data["from"]), parse_iso_date(row.data["to"]))
    shown = report(context, Person("notifications", "notifications", Role.READER), span, say)
    return shown.headline, (f"ridership-{span.first}-{span.last}.pdf", as_pdf(shown, outlets.fonts))


def _service_name(context: AppContext, say: Words) -> str:
    return context.details().name(say.language) or say.say("service.name")


def send_test(context: AppContext, person: Person | None, outlets: Outlets) -> None:
    """Send a mail to the administrator's own address, now. Raises NotAllowed, Refused (`no-mail-server`, `no-address`, `mail-refused`),
    Unavailable (`mail-not-sent`)."""
    person = allow(person, Action.ADMINISTER)
    if outlets.mail is None:
        raise Refused("no-mail-server", "no mail server is set", allowed="SHUTTLE_SMTP_HOST and SHUTTLE_MAIL_FROM")
    with context.reading() as session:
        choices = store.choices_of(session, person.id)
    if choices is None:
        raise Refused("no-address", "this account has stored no e-mail address", allowed="an address first")
    say, now = words(choices.language), context.now()
    mail = Mail(
        id=_identifier(context, f"test/{person.id}/{now.isoformat()}"),
        to=choices.address,
        subject=say.say("notification.test_subject", service=_service_name(context, say)),
        body=say.say("notification.test_body") + "\n",
        sender_name=_service_name(context, say),
        sent_at=now,
        language=choices.language,
    )
    send_mail(outlets.mail, mail)
    with context.transaction() as session:
        add_entry(session, now, person.name, person.role.value, "test-notification", person.name)
