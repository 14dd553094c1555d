"""What an administrator changes of an account that exists: name, role, whether it may sign in, and its open sessions.

One administrator who can sign in always remains: without one, nobody could let anybody in again.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, Role, allow
from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.services.access.accounts import checked_name
from shuttle.store.access import counting_keys, second_factors, wrong_tries
from shuttle.store.access import people as store
from shuttle.store.duties import duty_calendars
from shuttle.store.operation import notifications
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import AccountRow


def disable_account(session: Session, person: Person | None, name: str, now: datetime) -> None:
    """Disable an account; its sessions, counting keys and calendar address end, and its e-mail address is deleted.

    Raises NotFound (`unknown-account`), Refused (`last-administrator`).
    """
    person, account = _account(session, person, name)
    _refuse_last_administrator(session, account)
    account.disabled_at = now
    store.revoke_sessions(session, now, account=account.id)
    counting_keys.revoke_keys(session, now, account=account.id)
    second_factors.end_pending(session, account.id)
    duty_calendars.end_calendar(session, account.id)
    notifications.forget_account(session, account.id)
    add_entry(session, now, person.name, person.role, "disable-account", name)


def enable_account(session: Session, person: Person | None, name: str, now: datetime) -> None:
    """Let a disabled account sign in again, with the password that it had. Raises NotFound (`unknown-account`)."""
    person, account = _account(session, person, name)
    if account.disabled_at is None:
        return
    account.disabled_at = None
    wrong_tries.forget(session, account.id)
    add_entry(session, now, person.name, person.role, "enable-account", name)


def change_account(
    session: Session, person: Person | None, name: str, new_name: str, role: Role, now: datetime
) -> None:
    """Another name or role; it holds for open sessions too.

    Raises NotFound (`unknown-account`), Refused (`account-exists`, `last-administrator`), Invalid (`bad-name`).
    """
    person, account = _account(session, person, name)
    new_name = checked_name(new_name)
    if new_name != name and store.account_named(session, new_name) is not None:
        raise Refused("account-exists", f"there is already an account {new_name!r}", given=new_name)
    if role.value != account.role:
        _refuse_last_administrator(session, account)
        account.role = role.value
        add_entry(session, now, person.name, person.role, "change-role", name, {"role": role.value})
    if new_name != name:
        account.name = new_name
        add_entry(session, now, person.name, person.role, "rename-account", name, {"name": new_name})
    session.flush()


def end_session(session: Session, person: Person | None, session_id: str, now: datetime) -> None:
    """End a session of anybody, and the counting key that came from it. Raises NotFound (`unknown-session`)."""
    person = allow(person, Action.ADMINISTER)
    row = store.open_session_with_id(session, session_id)
    if row is None:
        raise NotFound("unknown-session", "that session has ended already")
    store.revoke_sessions(session, now, hash_=row.id)
    counting_keys.revoke_keys(session, now, opened_by=row.id)
    name = store.account_with_id(session, row.account).name
    add_entry(session, now, person.name, person.role, "end-session", name, {"device": row.browser})


def _account(session: Session, person: Person | None, name: str) -> tuple[Person, AccountRow]:
    person = allow(person, Action.ADMINISTER)
    account = store.account_named(session, name)
    if account is None:
        raise NotFound("unknown-account", f"there is no account {name!r}", given=name)
    return person, account


def _refuse_last_administrator(session: Session, account: AccountRow) -> None:
    """Raises Refused unless another administrator can sign in: one who is not disabled and has a password or an identity."""
    others = (
        other
        for other in store.accounts(session)
        if other.id != account.id
        and other.role == Role.ADMIN.value
        and other.disabled_at is None
        and (other.password or other.subject)
    )
    if account.role == Role.ADMIN.value and account.disabled_at is None and not any(others):
        raise Refused(
            "last-administrator",
            f"{account.name} is the only administrator who can sign in",
            given=account.name,
            allowed="another administrator first",
        )
