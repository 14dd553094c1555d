"""Settings: the environment variables `SHUTTLE_<NAME>`, read once by web, command line and jobs and passed down as values.

scripts/README.md documents each in a table that a test keeps complete.
"""

from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import DATES_ALLOWED, FIRST_DATE, LAST_DATE
from shuttle.domain.ridership.fortnights import ANCHOR
from shuttle.domain.timetable.quays import quays_of
from shuttle.domain.timetable.service_details import ServiceDetails
from shuttle.settings.outside_services import ADDRESS, OutsideServices, pairs_of, words_of

SCHEDULES = Path(__file__).resolve().parent.parent.parent / "schedules"
PRINT_FONTS = Path(__file__).resolve().parent.parent / "web" / "static" / "vendor" / "print"
"""Fonts for PDF; without built assets a serif font is used."""


class Settings(OutsideServices):
    """All settings. A wrong value is refused at start."""

    database_url: str = Field(
        default="", description="Address of the database, as postgresql://…; empty: SQLite at DATA_DIR/shuttle.db"
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on")
    data_dir: Path = Field(
        default=Path("var"), description="Folder of the SQLite database, backups and files made at run time"
    )
    workers: int = Field(default=1, ge=1, le=64, description="Web worker processes")
    trusted_proxies: str = Field(
        default="",
        description="Reverse proxies whose `X-Forwarded-For` and `-Proto` are trusted: addresses or networks, with commas",
    )
    writes_a_minute: int = Field(
        default=3000, ge=0, description="Writes per minute and client address, not counting boardings; 0: no limit"
    )
    sign_ins_a_minute: int = Field(
        default=30, ge=0, description="Sign-in attempts per minute and client address; 0: no limit"
    )
    second_factor_roles: str = Field(
        default="",
        description="Roles whose accounts with a password must have a second factor, with commas, as `admin,planner`; empty: it is optional",
    )
    fresh_sign_in_minutes: int = Field(
        default=30,
        ge=0,
        le=1440,
        description="Minutes after a sign-in in which access may be changed; then the code or password is asked again; 0: never asked",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lowest level that is logged: debug, info (each request), warning or error"
    )
    log_format: Literal["json", "text"] = Field(default="json", description="Format of log lines: json or text")
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="Bearer token for `/metrics`; empty: only this machine may read them"
    )
    language: str = Field(default="nb", description="Default language: nb, nn or en")
    timezone: str = Field(default="Europe/Oslo", description="Time zone of the service")
    schedules: Path = Field(default=SCHEDULES, description="Folder of schedule files that fills an empty database")

    plan_memory_mb: int = Field(
        default=2000, ge=0, description="Memory limit of a plan's solver in megabytes; 0: no limit"
    )
    plans_per_person: int = Field(
        default=5, ge=0, description="Plans per person that may wait or run at a time; 0: no limit"
    )

    public_address: str = Field(
        default="", description="Public address of the pages, as https://buss.example.no; empty: not known"
    )
    map_address: str = Field(
        default="",
        max_length=300,
        description="Address of a map for the links of stops, as `https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}`; empty: no link",
    )
    hsts_subdomains: bool = Field(
        default=False,
        description="Whether browsers are told to use HTTPS for every subdomain of the public address too (HSTS): true or false",
    )
    telephone: str = Field(
        default="",
        pattern=r"^(\+?[0-9][0-9 ]{2,18}[0-9])?$",
        description="Telephone number for passengers, shown on pages and posters; empty: none",
    )
    duty_telephone: str = Field(
        default="",
        pattern=r"^(\+?[0-9][0-9 ]{2,18}[0-9])?$",
        description="Telephone number of whoever is on duty, shown to drivers beside 112; empty: none",
    )
    count_wheelchairs: bool = Field(
        default=False, description="Whether boardings in a wheelchair are counted: true or false"
    )

    suppression_threshold: int = Field(
        default=5, ge=2, le=1000, description="Released figures from 1 up to, but not including, this one are hidden"
    )
    fortnight_anchor: date = Field(
        default=ANCHOR,
        description="Monday from which fortnights are counted, as 2024-01-01; fixed once a fortnight is released",
    )

    on_time_before: int = Field(
        default=1, ge=0, le=60, description="Minutes before its time at which a departure is still on time"
    )
    on_time_after: int = Field(
        default=5, ge=0, le=60, description="Minutes after its time at which a departure is still on time"
    )

    keep_observers_days: int = Field(
        default=90,
        ge=1,
        le=36500,
        description="Days after which person and moment of a count, a passing and a skipped stop, and incidents, are deleted",
    )
    keep_sign_ins_days: int = Field(
        default=30, ge=1, le=36500, description="Days after which an ended sign-in is deleted"
    )

    keep_duties_days: int = Field(
        default=3 * 366, ge=31, le=36500, description="Days after which the assignment of a duty to a driver is deleted"
    )

    counting_key_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="Days for which a driver's phone can send counts after its session has ended",
    )

    agency_id: str = Field(
        default="",
        pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$",
        description="Feeds: short name of the agency that answers for the service: a-z, 0-9 and hyphens; empty: as in `/admin`",
    )
    agency_name: str = Field(default="", max_length=200, description="Feeds: name of the agency; empty: as in `/admin`")
    agency_url: str = Field(default="", description="Feeds: address of the agency's pages; empty: as in `/admin`")
    publisher: str = Field(
        default="", max_length=200, description="Feeds: name of who publishes the data; empty: the agency"
    )
    publisher_url: str = Field(default="", description="Feeds: address of the publisher's pages; empty: the agency's")
    contact_email: str = Field(
        default="",
        pattern=ADDRESS,
        description="Feeds and `/.well-known/security.txt`: e-mail address for questions about the data and reports of weaknesses; empty: none",
    )
    licence: str = Field(
        default="NLOD 2.0", max_length=100, description="Feeds: licence of the data; empty: none stated"
    )
    licence_url: str = Field(
        default="https://data.norge.no/nlod/no/2.0", description="Feeds: address of the licence's text; empty: none"
    )

    netex_codespace: str = Field(
        default="XXX",
        pattern=r"^[A-Z]{3}$",
        description="NeTEx: codespace of three capitals from the national access point; XXX: none yet",
    )
    netex_company: str = Field(
        default="", pattern=r"^([0-9]{9})?$", description="NeTEx: organisation number of the operator"
    )
    netex_quays: str = Field(
        default="",
        description="NeTEx: quays in the national stop register, as `vagsbunnen=NSR:Quay:1,mo-nesttun=NSR:Quay:2`; "
        "from a date as `mo-nesttun@2027-03-01=NSR:Quay:3`",
    )

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in ("nb", "nn", "en"):
            raise ValueError("allowed: nb, nn, en")
        return value

    @field_validator("public_address")
    @classmethod
    def _an_address_of_pages(cls, value: str) -> str:
        parts = urlsplit(value)
        rest = parts.path.rstrip("/") or parts.query or parts.fragment
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or rest):
            raise ValueError("allowed: an address without a path prefix, as https://buss.example.no")
        return value.rstrip("/")

    @field_validator("agency_url", "publisher_url", "licence_url")
    @classmethod
    def _a_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError("allowed: a web address, as https://www.example.no")
        return value

    @field_validator("map_address")
    @classmethod
    def _an_address_of_a_map(cls, value: str) -> str:
        is_web = urlsplit(value).scheme in ("http", "https")
        if value and not (is_web and "{lat}" in value and "{lon}" in value):
            raise ValueError("allowed: a web address with {lat} and {lon} in it")
        return value

    @field_validator("fortnight_anchor")
    @classmethod
    def _a_monday(cls, value: date) -> date:
        if value.weekday():
            raise ValueError("allowed: a Monday, as 2024-01-01")
        if not FIRST_DATE <= value <= LAST_DATE:
            raise ValueError(f"allowed: {DATES_ALLOWED}")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _known_networks(cls, value: str) -> str:
        try:
            for word in words_of(value):
                ip_network(word)
        except ValueError as error:
            raise ValueError(
                "allowed: addresses and networks with commas between them, as 127.0.0.1,10.0.0.0/8"
            ) from error
        return value

    @field_validator("second_factor_roles")
    @classmethod
    def _roles_there_are(cls, value: str) -> str:
        if any(word not in set(Role) for word in words_of(value)):
            raise ValueError(f"allowed: roles with commas between them: {', '.join(Role)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("allowed: a name of the IANA time zone database, as Europe/Oslo") from error
        return value

    @field_validator("netex_quays")
    @classmethod
    def _known_quays(cls, value: str) -> str:
        quays_of(pairs_of(value))
        return value

    @property
    def netex_quays_of(self) -> dict[str, list[tuple[date | None, str]]]:
        """A stop's id -> its quays, each with its first date (None: from the beginning)."""
        return quays_of(pairs_of(self.netex_quays))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def publisher_for(self, details: ServiceDetails) -> Publisher:
        """The agency and publisher that every feed names: as the settings have them, else as the service's details do.

        GTFS needs a name and an address: where neither states one, they are the service's name and the address of the pages.
        """
        name = self.agency_name or details.agency_name or details.name(self.language) or "Shuttle"
        url = self.agency_url or details.agency_url or self.public_address or self.address_here
        return Publisher(
            id=self.agency_id or details.agency_id or "agency",
            name=name,
            url=url,
            language=self.language,
            time_zone=self.timezone,
            publisher_name=self.publisher or name,
            publisher_url=self.publisher_url or url,
            contact_email=self.contact_email,
            telephone=self.telephone,
            licence=self.licence,
            licence_url=self.licence_url,
        )

    @property
    def database(self) -> str:
        """Address of the database; SQLite in the data folder where none is set."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'shuttle.db').resolve()}"

    @property
    def address_here(self) -> str:
        """Address at which this machine reaches the program; for 0.0.0.0 and :: that is the loopback address."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def read_settings() -> Settings:
    """Read the environment. Raises Invalid (`bad-setting`) with a fault for each wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        messages = [item["msg"].removeprefix("Value error, ") for item in error.errors()]  # Pydantic's prefix
        faults = [
            Fault(what=what, where=f"SHUTTLE_{str(item['loc'][0]).upper()}", given=str(item["input"]))
            if item["loc"]
            else Fault(what=what)  # about several variables: the input would show all settings, secrets too
            for what, item in zip(messages, error.errors(), strict=True)
        ]
        raise Invalid("bad-setting", "; ".join(str(fault) for fault in faults), faults=faults) from None
