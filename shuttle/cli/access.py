"""`shuttle users` and `shuttle tokens`: accounts of people and bearer tokens of programs."""

from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, errors, print_json, print_table, the_context
from shuttle.services.access import accounts, second_factor
from shuttle.services.access.account_changes import disable_account
from shuttle.store.access import people

app = typer.Typer()
users = typer.Typer(no_args_is_help=True)
tokens = typer.Typer(no_args_is_help=True)
app.add_typer(users, name="users", help="Accounts of people.")
app.add_typer(tokens, name="tokens", help="Keys of programs.")


@tokens.command()
def create(
    role: Annotated[str, typer.Option(help="reader, driver, staff, planner or admin")],
    name: Annotated[str, typer.Option(help="Who or what uses it")],
) -> None:
    """Make a token and print it, and nothing else. It is shown this once."""
    with the_context() as (context, _settings), context.transaction() as session:
        secret = accounts.create_token(session, TERMINAL, accounts.role_named(role), name, context.now())
    print(secret)


@tokens.command()
def revoke(token: Annotated[str, typer.Argument(help="The token's id, or its name")]) -> None:
    """Revoke a token by id, or all tokens of a name."""
    with the_context() as (context, _settings), context.transaction() as session:
        count = accounts.revoke_token(session, TERMINAL, token, context.now())
    errors.print(f"{count} revoked")


@tokens.command("list")
def list_tokens(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """All tokens: id, name, role, when last used, whether revoked. Never the token itself."""
    with the_context() as (context, _settings), context.reading() as session:
        rows = people.tokens(session)
        documents = [
            {
                "id": row.id,
                "name": row.name,
                "role": row.role,
                "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
            }
            for row in rows
        ]
    if json:
        print_json(documents)
    else:
        columns = ["id", "name", "role", "last_used_at", "revoked_at"]
        print_table("", columns, [[row[column] or "" for column in columns] for row in documents])


@users.command()
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with")],
    role: Annotated[str, typer.Option(help="reader, driver, staff, planner or admin")],
) -> None:
    """Add an account and print the link with which its owner sets a password (24 hours, once)."""
    with the_context() as (context, settings), context.transaction() as session:
        secret = accounts.add_account(session, TERMINAL, name, accounts.role_named(role), context.now())
    print(f"{settings.address_here}/login/link/{secret}")


@users.command()
def reset(name: Annotated[str, typer.Argument(help="The account's name")]) -> None:
    """Print a link with which the owner of an account sets a new password."""
    with the_context() as (context, settings), context.transaction() as session:
        secret = accounts.reset_link(session, TERMINAL, name, context.now())
    print(f"{settings.address_here}/login/link/{secret}")


@users.command("reset-factor")
def reset_factor(name: Annotated[str, typer.Argument(help="The account's name")]) -> None:
    """Remove the second factor of an account whose owner lost it, and end its sessions."""
    with the_context() as (context, _settings), context.transaction() as session:
        second_factor.reset(session, TERMINAL, name, context.now())
    errors.print(f"{name} signs in with the password alone")


@users.command()
def disable(name: Annotated[str, typer.Argument(help="The account's name")]) -> None:
    """Disable an account and end its sessions."""
    with the_context() as (context, _settings), context.transaction() as session:
        disable_account(session, TERMINAL, name, context.now())
    errors.print(f"{name} disabled")


@users.command("list")
def list_users() -> None:
    """All accounts: name, role, since when, whether disabled."""
    with the_context() as (context, _settings), context.reading() as session:
        rows = people.accounts(session)
        lines = [
            [row.name, row.role, f"{row.created_at:%Y-%m-%d}", "disabled" if row.disabled_at else ""] for row in rows
        ]
    print_table("", ["name", "role", "since", ""], lines)
