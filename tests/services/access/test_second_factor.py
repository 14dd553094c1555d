"""Second factors: codes of an app used once, recovery codes, throttling, and a password that alone lets nobody in."""

from datetime import timedelta

import pyotp
import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotSignedIn
from shuttle.services.access import second_factor
from shuttle.services.access.accounts import CODE_LASTS, Opened, add_account, hashed, reset_link, use_link
from shuttle.services.access.second_factor import ATTEMPTS_ON_ACCOUNT, complete_sign_in
from shuttle.services.access.sign_ins import ATTEMPTS, LOCK, sign_in
from shuttle.services.app_context import AppContext
from shuttle.store.access import people, second_factors
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.tables.access import RecoveryCodeRow

ADMIN = Person("root", "root", Role.ADMIN)
PASSWORD = "en lang og god setning"
HOME = "192.0.2.1"


class Kari:
    """A planner with a second factor: the person, the app's secret and the recovery codes."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        with context.transaction() as session:
            link = add_account(session, ADMIN, "Kari", Role.PLANNER, context.now())
        use_link(context, link, "", PASSWORD)
        with context.transaction() as session:
            account = people.account_named(session, "Kari")
            assert account is not None
            self.person = people.person_of(account)
            self.secret = second_factor.begin_setup(session, self.person, context.now())
        with context.transaction() as session:
            self.codes = second_factor.confirm_setup(session, self.person, self.code(), context.now())
        later(context, 60)

    def code(self, seconds: int = 0) -> str:
        """What the app shows so many seconds from now."""
        return pyotp.TOTP(self.secret).at(self.context.now() + timedelta(seconds=seconds))

    def wrong(self) -> str:
        right = {self.code(seconds) for seconds in (-30, 0, 30)}
        return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)

    def pending(self) -> str:
        """A sign-in whose password was right."""
        opened = sign_in(self.context, "Kari", PASSWORD, HOME)
        assert opened is not None and opened.needs_code
        return opened.secret


def later(context: AppContext, seconds: float) -> None:
    now = context.now() + timedelta(seconds=seconds)
    context.now = lambda: now


@pytest.fixture
def kari(context: AppContext) -> Kari:
    return Kari(context)


def test_the_password_alone_opens_no_session(context: AppContext, kari: Kari) -> None:
    pending = kari.pending()
    with context.reading() as session:
        assert people.open_session_with_id(session, hashed(pending)) is None
    assert complete_sign_in(context, pending, kari.wrong(), HOME) is None
    assert complete_sign_in(context, pending, kari.code(), HOME) is not None


@pytest.mark.parametrize(("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_device_may_be_half_a_minute_wrong(context: AppContext, kari: Kari, seconds: int, is_taken: bool) -> None:
    later(context, 600)
    assert (complete_sign_in(context, kari.pending(), kari.code(seconds), HOME) is not None) == is_taken


def test_a_code_counts_once_and_an_older_one_never_after_it(context: AppContext, kari: Kari) -> None:
    used, older = kari.code(), kari.code(-30)
    assert complete_sign_in(context, kari.pending(), used, HOME) is not None
    assert complete_sign_in(context, kari.pending(), used, HOME) is None
    assert complete_sign_in(context, kari.pending(), older, HOME) is None


def test_the_code_that_turned_it_on_signs_nobody_in(context: AppContext) -> None:
    kari = Kari(context)
    assert complete_sign_in(context, kari.pending(), kari.code(-60), HOME) is None


def test_a_recovery_code_takes_the_place_of_the_app_once(context: AppContext, kari: Kari) -> None:
    assert len(set(kari.codes)) == second_factor.RECOVERY_CODES
    typed = kari.codes[0].lower().replace("-", " ")
    assert complete_sign_in(context, kari.pending(), typed, HOME) is not None
    assert complete_sign_in(context, kari.pending(), kari.codes[0], HOME) is None
    with context.reading() as session:
        assert second_factors.recovery_codes_left(session, kari.person.id) == second_factor.RECOVERY_CODES - 1
        stored = {row.id for row in session.query(RecoveryCodeRow)}
        acts = {entry.act for entry in latest_entries(session)}
    assert not stored & {code.replace("-", "") for code in kari.codes}, "hashes only"
    assert {"set-second-factor", "use-recovery-code", "code-failed", "sign-in"} <= acts


def test_wrong_codes_wait_and_the_password_gives_no_new_tries(context: AppContext, kari: Kari) -> None:
    for _ in range(ATTEMPTS):
        assert complete_sign_in(context, kari.pending(), kari.wrong(), HOME) is None
    assert sign_in(context, "Kari", PASSWORD, HOME) is None, "the network has to wait"
    later(context, LOCK.total_seconds() + 1)
    assert complete_sign_in(context, kari.pending(), kari.code(), HOME) is not None


def test_a_guesser_with_many_networks_is_stopped_too(context: AppContext, kari: Kari) -> None:
    for number in range(ATTEMPTS_ON_ACCOUNT):
        assert complete_sign_in(context, kari.pending(), kari.wrong(), f"198.51.100.{number}") is None
    assert complete_sign_in(context, kari.pending(), kari.code(), "203.0.113.5") is None
    assert complete_sign_in(context, kari.pending(), kari.codes[0], "203.0.113.5") is not None, "the owner's way in"


def test_a_password_waits_five_minutes_for_its_code(context: AppContext, kari: Kari) -> None:
    pending = kari.pending()
    later(context, CODE_LASTS.total_seconds() + 1)
    with pytest.raises(NotSignedIn, match="too long ago"):
        complete_sign_in(context, pending, kari.code(), HOME)


def test_a_reset_link_does_not_replace_the_second_factor(context: AppContext, kari: Kari) -> None:
    older = kari.pending()
    with context.transaction() as session:
        link = reset_link(session, ADMIN, "Kari", context.now())
    opened = use_link(context, link, "", "en helt annen lang setning")
    assert opened.needs_code
    with pytest.raises(NotSignedIn):
        complete_sign_in(context, older, kari.code(), HOME)
    assert complete_sign_in(context, opened.secret, kari.code(), HOME) is not None


def test_another_administrator_resets_it_and_sessions_end(context: AppContext, kari: Kari) -> None:
    secret = complete_sign_in(context, kari.pending(), kari.code(), HOME)
    assert secret is not None
    with context.transaction() as session:
        second_factor.reset(session, ADMIN, "Kari", context.now())
    with context.reading() as session:
        assert people.open_session_with_id(session, hashed(secret)) is None
        assert second_factors.recovery_codes_left(session, kari.person.id) == 0
    opened = sign_in(context, "Kari", PASSWORD, HOME)
    assert isinstance(opened, Opened) and not opened.needs_code


def test_nothing_is_asked_before_a_first_code_was_right(context: AppContext) -> None:
    with context.transaction() as session:
        link = add_account(session, ADMIN, "Ola", Role.STAFF, context.now())
    use_link(context, link, "", PASSWORD)
    with context.transaction() as session:
        account = people.account_named(session, "Ola")
        assert account is not None
        person = people.person_of(account)
        second_factor.begin_setup(session, person, context.now())
        with pytest.raises(Invalid, match="not the code"):
            second_factor.confirm_setup(session, person, "12345", context.now())
    opened = sign_in(context, "Ola", PASSWORD, HOME)
    assert opened is not None and not opened.needs_code
