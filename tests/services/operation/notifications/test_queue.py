"""Notifications by a real SMTP server and to a real receiver: told once, retried, to whom they concern, without any count."""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from threading import Barrier, Thread

import orjson
import pytest

from shuttle.domain.access.notifications import NotificationKind, NotificationTime
from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import fortnight_of
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.access import accounts
from shuttle.services.access.account_changes import disable_account
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.operation.notifications import queue
from shuttle.services.operation.notifications.choices import forget_own_choices, own_choices, save_own_choices
from shuttle.services.operation.notifications.queue import Outlets, deliver, enqueue, send_test, work
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from shuttle.services.ridership.releases import GRACE, freeze_due
from shuttle.services.timetable.changes import ChangeRequest, change_departures, withdraw_change
from shuttle.store.access import people
from shuttle.store.operation import jobs
from shuttle.store.operation import notifications as store
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.tables.notifications import NotificationRow
from tests.conftest import NOON, OSLO
from tests.rosters import a_driver, give, publish_duties, take_back, wish
from tests.services.operation.notifications.servers import SECRET, Inbox, Receiver, a_receiver, an_inbox, text_of

ADMIN = Person("root", "root", Role.ADMIN)
PLANNER = Person("p", "Petra", Role.PLANNER)
DRIVER = Person("d", "Bus", Role.DRIVER)
DAY = NOON.astimezone(OSLO).date()
THREE = f"{DAY}.gyldenpris-weekday-1500"
TWELVE = f"{DAY}.gyldenpris-weekday-1200"
K = NotificationKind


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with an_inbox() as inbox:
        yield inbox


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def outlets(inbox: Inbox) -> Outlets:
    return Outlets(mail=inbox.server, base_url="https://buss.example.no")


def an_account(context: AppContext, role: Role, name: str) -> Person:
    with context.transaction() as session:
        accounts.add_account(session, ADMIN, name, role, context.now())
        account = people.account_named(session, name)
        assert account is not None
        return people.person_of(account)


def choose(context: AppContext, person: Person, *kinds: NotificationKind, daily: bool = False, hour: int = 7) -> None:
    when = NotificationTime.DAILY if daily else NotificationTime.AT_ONCE
    with context.transaction() as session:
        address = f"{person.name.lower()}@example.no"
        save_own_choices(session, person, address, "nb", hour, dict.fromkeys(kinds, when), context.now())


def staff_who_chose(context: AppContext, *kinds: NotificationKind, daily: bool = False) -> Person:
    person = an_account(context, Role.STAFF, "Sara")
    choose(context, person, *kinds, daily=daily)
    return person


def cancel(context: AppContext, trip: str = "gyldenpris-weekday-1500", first: date = DAY, last: date = DAY) -> str:
    request = ChangeRequest(kind=ChangeKind.CANCEL, first=first, last=last, reason=ReasonCode.WEATHER, trip=trip)
    with context.transaction() as session:
        return change_departures(session, PLANNER, request, context.now()).id


def say(context: AppContext, kind: IncidentKind, minutes: int | None = None) -> None:
    report = IncidentReport(departure=TWELVE, kind=kind, minutes=minutes)
    record_incident(context, DRIVER, f"{kind}-{minutes}", report)


def count(context: AppContext, left_behind: int) -> None:
    full = Count(departure=TWELVE, stop="vagsbunnen", boardings=8, left_behind=left_behind, full=True)
    record_and_wait(context, DRIVER, full, "full")


def at(context: AppContext, moment: datetime) -> None:
    context.now = lambda: moment


def acts(context: AppContext) -> list[tuple[str, str]]:
    with context.reading() as session:
        return [(each.act, each.subject) for each in latest_entries(session) if "notification" in each.act]


def states(context: AppContext) -> list[tuple[str, int, str]]:
    with context.reading() as session:
        rows = session.query(NotificationRow).order_by(NotificationRow.row)
        return [(each.state, each.tries, each.failure) for each in rows]


def test_a_cancellation_is_told_once_and_the_audit_log_has_it(
    context: AppContext, inbox: Inbox, outlets: Outlets
) -> None:
    staff_who_chose(context, K.DEPARTURE_CANCELLED)
    cancel(context)
    assert work(context, outlets) == (1, 1)
    assert work(context, outlets) == (0, 0)
    ((to, subject, text),) = inbox.texts()
    told = "Innstilt: 15.00 til MO Gyldenpris, mandag 23. november 2026. Grunn: været."
    assert (to, subject) == ("sara@example.no", told)
    assert text.splitlines()[:2] == [told, "https://buss.example.no/"]
    assert "https://buss.example.no/account/notifications" in text
    assert ("send-notification", "Sara") in acts(context)
    assert inbox.mails[0]["Auto-Submitted"] == "auto-generated"
    with context.reading() as session:
        assert not any("@" in str(each.details) + each.subject for each in latest_entries(session))


def test_what_happened_before_it_was_chosen_is_not_told(context: AppContext, outlets: Outlets) -> None:
    cancel(context)
    at(context, NOON + timedelta(minutes=1))
    staff_who_chose(context, K.DEPARTURE_CANCELLED)
    assert work(context, outlets) == (0, 0)


def test_a_month_of_cancellations_is_one_line_and_one_mail(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.DEPARTURE_CANCELLED)
    for hour in ("1000", "1500"):
        cancel(context, f"gyldenpris-weekday-{hour}", DAY + timedelta(days=1), DAY + timedelta(days=30))
    work(context, outlets)
    ((_, subject, text),) = inbox.texts()
    assert subject == "2 varsler"
    assert text.count("24. november 2026 til 23. desember 2026") == 2


def test_a_cancellation_that_was_withdrawn_before_is_not_told(context: AppContext, outlets: Outlets) -> None:
    staff_who_chose(context, K.DEPARTURE_CANCELLED)
    change = cancel(context)
    with context.transaction() as session:
        withdraw_change(session, PLANNER, change, context.now())
    assert work(context, outlets) == (0, 0)


def test_fifteen_minutes_are_late_and_ten_are_not(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.DEPARTURE_LATE)
    say(context, IncidentKind.DELAYED, 10)
    assert work(context, outlets) == (0, 0)
    say(context, IncidentKind.DELAYED, 20)
    assert work(context, outlets) == (1, 1)
    assert inbox.texts()[0][1] == "Forsinket: 12.00 til MO Gyldenpris, ca. 20 min."
    at(context, NOON + timedelta(minutes=1))
    assert work(context, outlets) == (0, 0), "told once, though it is late a minute later, too"


def test_an_incident_is_told_with_the_page_where_one_acts(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.INCIDENT)
    say(context, IncidentKind.NEEDS_HELP)
    work(context, outlets)
    assert inbox.texts()[0][1] == "Sjåføren på 12.00 til MO Gyldenpris trenger hjelp."
    assert "https://buss.example.no/staff\n" in inbox.texts()[0][2]


@pytest.mark.parametrize("left_behind", [1, 6])
def test_a_full_bus_is_told_without_any_number_of_people(
    context: AppContext, inbox: Inbox, receiver: Receiver, left_behind: int
) -> None:
    staff_who_chose(context, K.LEFT_BEHIND)
    count(context, left_behind)
    work(context, Outlets(mail=inbox.server, webhook=receiver.webhook))
    told = "Full buss: noen ble stående igjen ved Vågsbunnen, 12.00 til MO Gyldenpris.\n"
    assert [text for _, _, text in inbox.texts()] == [told]
    document = orjson.loads(receiver.posts[0][1])
    assert document["data"] == {"departure": TWELVE, "stop": "vagsbunnen"}


def test_a_changed_duty_is_told_to_its_driver_alone(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    publish_duties(context)
    kari, ola = a_driver(context), a_driver(context, "Ola")
    for name in ("Kari", "Ola"):
        with context.reading() as session:
            row = people.account_named(session, name)
            assert row is not None
            person = people.person_of(row)
        choose(context, person, K.DUTY_CHANGED)
    tomorrow = DAY + timedelta(days=1)
    at(context, NOON + timedelta(minutes=1))
    give(context, kari, wish("weekday-1", tomorrow, 1))
    work(context, outlets)
    assert [to for to, _, _ in inbox.texts()] == ["kari@example.no"]
    assert inbox.texts()[0][1].startswith("Vakten din er endret: tirsdag 24. november 2026, ")
    at(context, NOON + timedelta(minutes=2))
    take_back(context, wish("weekday-1", tomorrow, 1))
    give(context, ola, wish("weekday-1", tomorrow, 1))
    work(context, outlets)
    subjects = {to: subject for to, subject, _ in inbox.texts()[1:]}
    assert subjects["kari@example.no"].startswith("Du har ikke lenger vakten tirsdag 24. november 2026, ")
    assert subjects["ola@example.no"].startswith("Vakten din er endret: ")


def test_a_failed_job_is_told_to_the_administrator(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    choose(context, an_account(context, Role.ADMIN, "Adam"), K.JOB_FAILED)
    with context.transaction() as session:
        run = jobs.begin_run(session, "backup", NOON, NOON)
        assert run is not None
        jobs.end_run(session, run, NOON, "failed", JobOutcome("disk-full", {"detail": "/srv/secret is full"}))
    work(context, outlets)
    ((_, subject, text),) = inbox.texts()
    assert subject.startswith("En jobb gikk galt: ")
    assert "/srv/secret" not in text and "https://buss.example.no/admin#jobs" in text


def test_an_undecided_day_is_told_two_weeks_before(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    choose(context, an_account(context, Role.PLANNER, "Petra"), K.DAY_UNDECIDED)
    at(context, datetime(2026, 12, 9, 11, tzinfo=OSLO))
    assert work(context, outlets) == (0, 0)
    at(context, datetime(2026, 12, 10, 11, tzinfo=OSLO))
    work(context, outlets)
    assert [subject for _, subject, _ in inbox.texts()] == [
        "Ikke avgjort: torsdag 24. desember 2026. Velg hvilke avganger som går."
    ]


def test_released_figures_come_with_their_pdf_and_no_small_number(
    context: AppContext, inbox: Inbox, outlets: Outlets
) -> None:
    fortnight = fortnight_of(date(2026, 10, 19))
    departure = f"{fortnight.first}.gyldenpris-weekday-1000"
    record_and_wait(context, DRIVER, Count(departure=departure, stop="vagsbunnen", boardings=3), "three")
    at(context, datetime.combine(fortnight.last + GRACE + timedelta(1), NOON.timetz()))
    choose(context, an_account(context, Role.READER, "Rita"), K.FIGURES_RELEASED)
    freeze_due(context, ADMIN, 5)
    work(context, outlets)
    (mail,) = inbox.mails
    assert mail["Subject"] == "Frigitte tall for 19. oktober 2026 til 1. november 2026."
    assert "Så få reiste at tallet er skjult" in text_of(mail)
    assert "https://buss.example.no/ridership" in text_of(mail)
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "ridership-2026-10-19-2026-11-01.pdf"
    assert bytes(attachment.get_content()).startswith(b"%PDF")
    assert not re.search(r"\b3\b", text_of(mail)), "three boardings are below the threshold"


def test_a_role_that_was_taken_away_is_told_nothing_any_more(
    context: AppContext, inbox: Inbox, outlets: Outlets
) -> None:
    person = staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    enqueue(context, outlets)
    with context.transaction() as session:
        people.account_with_id(session, person.id).role = Role.READER.value
    assert deliver(context, outlets) == 0
    assert (inbox.mails, [state for state, _, _ in states(context)]) == ([], ["expired"])


def test_a_summary_waits_for_its_hour_and_is_one_mail(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.DEPARTURE_CANCELLED, K.LEFT_BEHIND, daily=True)
    cancel(context)
    assert work(context, outlets) == (1, 0)
    count(context, 2)
    assert work(context, outlets) == (1, 0)
    at(context, datetime(2026, 11, 24, 6, 59, tzinfo=OSLO))
    assert work(context, outlets) == (0, 0)
    at(context, datetime(2026, 11, 24, 7, 0, tzinfo=OSLO))
    assert work(context, outlets) == (0, 1)
    ((_, subject, text),) = inbox.texts()
    assert subject == "2 varsler" and "Innstilt" in text and "Full buss" in text


def test_a_server_that_is_busy_is_tried_again_later(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    inbox.answers = ["451 later", "451 later"]
    assert work(context, outlets) == (1, 0)
    assert states(context) == [("waiting", 1, "mail-not-sent")]
    assert work(context, outlets) == (0, 0), "not before a minute has passed"
    at(context, NOON + timedelta(minutes=1))
    assert work(context, outlets) == (0, 0)
    at(context, NOON + timedelta(minutes=2, seconds=59))
    assert work(context, outlets) == (0, 0), "then not before two have"
    at(context, NOON + timedelta(minutes=3))
    assert work(context, outlets) == (0, 1)
    assert states(context) == [("sent", 3, "")]


def test_a_refused_address_is_given_up_and_recorded(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    inbox.answers = ["550 no such person"]
    assert work(context, outlets) == (1, 0)
    at(context, NOON + timedelta(days=1))
    assert deliver(context, outlets) == 0
    assert states(context) == [("failed", 1, "mail-refused")]
    assert ("fail-notification", "Sara") in acts(context)


def test_no_server_for_two_days_ends_in_a_failure(context: AppContext, outlets: Outlets, inbox: Inbox) -> None:
    staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    inbox.answers = ["451 later"] * 20
    enqueue(context, outlets)
    for hour in range(24 * 4):
        at(context, NOON + timedelta(hours=hour))
        deliver(context, outlets)
    assert states(context) == [("failed", 14, "mail-not-sent")]


def test_news_that_is_none_any_more_is_not_sent(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    staff_who_chose(context, K.DEPARTURE_LATE)
    say(context, IncidentKind.DELAYED, 20)
    inbox.answers = ["451 later"]
    work(context, outlets)
    at(context, NOON + timedelta(hours=2))
    deliver(context, outlets)
    assert (inbox.mails, states(context)[0][0]) == ([], "expired")


def test_a_sender_killed_before_it_noted_it_sends_the_same_message_again(
    context: AppContext, inbox: Inbox, outlets: Outlets, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    with monkeypatch.context() as patch:
        patch.setattr(queue, "_end", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work(context, outlets)
    assert deliver(context, outlets) == 0, "its claim has not ended"
    at(context, NOON + store.CLAIM)
    assert deliver(context, outlets) == 1
    first, second = (mail["Message-ID"] for mail in inbox.mails)
    assert first == second and first.endswith("@shuttle.example.org>")
    assert deliver(context, outlets) == 0


def test_of_two_workers_at_once_one_sends(
    context: AppContext, database_url: str, inbox: Inbox, outlets: Outlets
) -> None:
    staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    others = [open_app_context(database_url, OSLO) for _ in range(2)]
    start = Barrier(2)

    def run(other: AppContext) -> None:
        other.now = lambda: NOON
        start.wait()
        work(other, outlets)

    threads = [Thread(target=run, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert len(inbox.mails) == 1
    assert states(context) == [("sent", 1, "")]


def test_an_address_that_was_deleted_gets_nothing(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    person = staff_who_chose(context, K.LEFT_BEHIND)
    count(context, 1)
    enqueue(context, outlets)
    with context.transaction() as session:
        forget_own_choices(session, person, context.now())
    assert deliver(context, outlets) == 0
    with context.reading() as session:
        assert own_choices(session, person) is None
    assert (inbox.mails, states(context)) == ([], [])


def test_a_disabled_account_loses_its_address(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    person = staff_who_chose(context, K.LEFT_BEHIND)
    with context.transaction() as session:
        disable_account(session, ADMIN, "Sara", context.now())
    with context.reading() as session:
        assert store.choices_of(session, person.id) is None


def test_the_webhook_is_signed_and_has_the_same_id_at_every_try(context: AppContext, receiver: Receiver) -> None:
    outlets = Outlets(webhook=receiver.webhook)
    cancel(context)
    receiver.statuses = [503]
    work(context, outlets)
    at(context, NOON + timedelta(minutes=1))
    assert work(context, outlets) == (0, 1)
    (first, _), (second, body) = receiver.posts
    assert first["webhook-id"] == second["webhook-id"]
    assert second["webhook-timestamp"] == str(int((NOON + timedelta(minutes=1)).timestamp()))
    signed = f"{second['webhook-id']}.{second['webhook-timestamp']}.".encode() + body
    assert second["webhook-signature"] == f"v1,{b64encode(hmac.digest(SECRET.encode(), signed, sha256)).decode()}"
    document = orjson.loads(body)
    assert document["type"] == "departure_cancelled" and document["data"]["departure"] == THREE
    assert ("send-notification", "webhook") in acts(context)


def test_the_webhook_is_told_of_no_persons_duty(context: AppContext, receiver: Receiver) -> None:
    publish_duties(context)
    give(context, a_driver(context), wish("weekday-1", DAY + timedelta(days=1), 1))
    work(context, Outlets(webhook=receiver.webhook))
    assert receiver.posts == []


@pytest.mark.parametrize(
    "address", ["kari", "a@b", "kari@example.no\r\nBcc: all@example.no", "a b@example.no", "@x.no"]
)
def test_what_is_no_address_is_refused(context: AppContext, address: str) -> None:
    person = an_account(context, Role.STAFF, "Sara")
    with pytest.raises(Invalid) as refused, context.transaction() as session:
        save_own_choices(session, person, address, "nb", 7, {}, context.now())
    assert refused.value.code == "bad-email"


def test_a_kind_that_the_role_may_not_see_is_not_kept(context: AppContext) -> None:
    person = an_account(context, Role.READER, "Rita")
    choose(context, person, K.JOB_FAILED, K.FIGURES_RELEASED)
    with context.reading() as session:
        choices = own_choices(session, person)
    assert choices is not None and set(choices.kinds) == {K.FIGURES_RELEASED}


def test_an_administrator_tries_the_mail_server(context: AppContext, inbox: Inbox, outlets: Outlets) -> None:
    person = an_account(context, Role.ADMIN, "Adam")
    with pytest.raises(Refused, match="no e-mail address"):
        send_test(context, person, outlets)
    choose(context, person)
    send_test(context, person, outlets)
    assert [to for to, _, _ in inbox.texts()] == ["adam@example.no"]
    assert acts(context)[0] == ("test-notification", "Adam")
