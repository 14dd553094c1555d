"""Settings of the services outside the program that it talks to: identity provider, mail server, webhook.

`settings/__init__.py` has all others; both are read as one.
"""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shuttle.domain.access.permissions import Role

ADDRESS = r"^([^@\s<>]+@[^@\s<>]+\.[^@\s<>]+)?$"
"""Pattern of an e-mail address, or of none."""


class OutsideServices(BaseSettings):
    """A wrong value is refused at start."""

    model_config = SettingsConfigDict(env_prefix="SHUTTLE_", frozen=True, extra="ignore")

    smtp_host: str = Field(default="", description="E-mail: host of the SMTP server; empty: no e-mail is sent")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="E-mail: port of the SMTP server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="E-mail: starttls (port 587), tls (port 465), or none (a server on this machine)",
    )
    smtp_user: str = Field(default="", description="E-mail: user at the SMTP server; empty: it asks for none")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="E-mail: password at the SMTP server")
    mail_from: str = Field(
        default="", pattern=ADDRESS, max_length=254, description="E-mail: address that notifications come from"
    )
    webhook_url: str = Field(
        default="",
        pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?)?$",
        description="Webhook: https address that notifications are posted to; http only on this machine; empty: none",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="Webhook: shared secret of at least 16 characters, for the signature"
    )

    oidc_issuer: str = Field(
        default="", description="OpenID Connect: issuer, exactly as in its metadata; empty: no provider"
    )
    oidc_client_id: str = Field(default="", description="OpenID Connect: client id of this program at the issuer")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="OpenID Connect: client secret; empty: PKCE alone"
    )
    oidc_name: str = Field(default="", max_length=60, description="OpenID Connect: name of the provider on the button")
    oidc_return_to: str = Field(
        default="",
        description="OpenID Connect: redirect address https://…/login/provider/return, where a proxy hides the host",
    )
    oidc_subject: str = Field(
        default="sub", description="OpenID Connect: claim that identifies a person: sub, or oid (Entra ID)"
    )
    oidc_tenants: str = Field(default="", description="OpenID Connect: allowed tenants (tid), with commas; empty: any")
    oidc_acr: str = Field(default="", description="OpenID Connect: accepted strengths (acr), with commas; empty: any")
    oidc_role_claim: str = Field(
        default="", description="OpenID Connect: claim that gives roles; empty: roles are given in `/admin`"
    )
    oidc_roles: str = Field(
        default="",
        description="OpenID Connect: role of each value of the claim, as `drivers=driver,desk=staff`",
    )

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if value and not (
            parts.netloc and (parts.scheme == "https" or local) and not parts.query and not parts.fragment
        ):
            raise ValueError("allowed: an https address without a query; http only on this machine")
        return value

    @field_validator("oidc_subject")
    @classmethod
    def _a_subject_that_may_be_kept(cls, value: str) -> str:
        if value not in ("sub", "oid"):
            raise ValueError("allowed: sub, oid")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _known_roles(cls, value: str) -> str:
        if any(role not in set(Role) or not claim for claim, role in pairs_of(value)):
            raise ValueError(f"allowed: pairs as value=role with commas between them; roles: {', '.join(Role)}")
        return value

    @model_validator(mode="after")
    def _whole_groups(self) -> Self:
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise ValueError("SHUTTLE_OIDC_ISSUER and SHUTTLE_OIDC_CLIENT_ID: set both, or none")
        if bool(self.oidc_role_claim) != bool(self.oidc_roles):
            raise ValueError("SHUTTLE_OIDC_ROLE_CLAIM and SHUTTLE_OIDC_ROLES: set both, or none")
        if bool(self.smtp_host) != bool(self.mail_from):
            raise ValueError("SHUTTLE_SMTP_HOST and SHUTTLE_MAIL_FROM: set both, or none")
        if bool(self.webhook_url) != (len(self.webhook_secret.get_secret_value()) >= 16):
            raise ValueError(
                "SHUTTLE_WEBHOOK_URL and SHUTTLE_WEBHOOK_SECRET (16 characters or more): set both, or none"
            )
        return self

    @property
    def oidc_role_of(self) -> dict[str, Role]:
        """Value of the role claim -> role, in the operator's order."""
        return {claim: Role(role) for claim, role in pairs_of(self.oidc_roles)}


def words_of(text: str) -> tuple[str, ...]:
    """The items of a comma-separated list."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The items of a comma-separated list of `name=value`."""
    return [(name.strip(), value.strip()) for name, _, value in (word.rpartition("=") for word in words_of(text))]
