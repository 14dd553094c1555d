"""Sign-in: wrong tries by account and network, weak passwords, links that a newer one ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.services.access.accounts import add_account, reset_link, use_link
from shuttle.services.access.passwords import check_password, guesses
from shuttle.services.access.sign_ins import ATTEMPTS, LOCK, hashed_block, sign_in
from shuttle.services.app_context import AppContext
from shuttle.store.tables.operation import AuditLogRow

ADMIN = Person("root", "root", Role.ADMIN)
PASSWORD = "en lang og god setning"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def kari(context: AppContext) -> str:
    with context.transaction() as session:
        link = add_account(session, ADMIN, "Kari", Role.PLANNER, context.now())
    use_link(context, link, "Kari", PASSWORD)
    return "Kari"


def test_wrong_tries_from_elsewhere_never_keep_the_owner_out(context: AppContext, kari: str) -> None:
    for _ in range(3 * ATTEMPTS):
        assert sign_in(context, kari, "feil", ELSEWHERE) is None
    assert sign_in(context, kari, PASSWORD, ELSEWHERE) is None, "the guesser has to wait"
    assert sign_in(context, kari, PASSWORD, HOME) is not None


def test_a_network_that_had_to_wait_may_try_again(context: AppContext, kari: str) -> None:
    for _ in range(ATTEMPTS):
        sign_in(context, kari, "feil", HOME)
    assert sign_in(context, kari, PASSWORD, HOME) is None
    now = context.now()
    context.now = lambda: now + LOCK + timedelta(seconds=1)
    assert sign_in(context, kari, PASSWORD, HOME) is not None


def test_the_fifth_wrong_try_waits_and_the_fourth_does_not(context: AppContext, kari: str) -> None:
    for _ in range(ATTEMPTS - 1):
        sign_in(context, kari, "feil", HOME)
    assert sign_in(context, kari, PASSWORD, HOME) is not None


def test_the_audit_log_has_account_and_hashed_network(context: AppContext, kari: str) -> None:
    sign_in(context, kari, "feil", ELSEWHERE)
    sign_in(context, kari, PASSWORD, HOME)
    with context.reading() as session:
        rows = list(session.scalars(select(AuditLogRow).where(AuditLogRow.act.like("sign-in%"))))
        acts = {row.act: row.details for row in rows}
    assert set(acts) == {"sign-in", "sign-in-failed"}
    assert acts["sign-in"]["network"] != acts["sign-in-failed"]["network"]
    assert HOME not in str(acts) and ELSEWHERE not in str(acts)
    assert hashed_block("a", HOME) != hashed_block("b", HOME)


def test_a_newer_reset_link_ends_the_older_one(context: AppContext, kari: str) -> None:
    with context.transaction() as session:
        older = reset_link(session, ADMIN, kari, context.now())
        newer = reset_link(session, ADMIN, kari, context.now())
    with pytest.raises(NotFound):
        use_link(context, older, kari, PASSWORD)
    assert use_link(context, newer, kari, PASSWORD)


@pytest.mark.parametrize(
    "password",
    ["Sommer2026!!", "Vinter2027!!", "kari.nordmann2026", "Karinordmann1", "aaaaaaaaaaaa", "abcabcabcabcabc", "123456789012", "passordpassord", "qwertyuiop12", "MO-Gyldenpris1"],
)  # fmt: skip
def test_a_password_that_is_guessed_at_once_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, ["kari.nordmann"])
    assert refused.value.code == "weak-password"


@pytest.mark.parametrize(
    "password", [PASSWORD, "riktig hest batteri stift", "x9$kQ2mzR7vLw1", "å" * 3 + " fjell tre 81 bok"]
)
def test_a_sentence_or_random_characters_are_enough(password: str) -> None:
    check_password(password, ["kari.nordmann"])


@given(st.text(min_size=12, max_size=200))
def test_any_text_is_judged_without_failing(password: str) -> None:
    assert guesses(password, ["x"]) >= 1
