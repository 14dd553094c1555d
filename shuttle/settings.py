"""The environment, read once by the top row of the house and passed down as values.

Every setting is `SHUTTLE_<NAME>`. README.md documents each in a table that a test keeps complete.
"""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shuttle.domain.errors import Fault, Invalid

SCHEDULES = Path(__file__).resolve().parent.parent / "schedules"
PRINT_FONTS = Path(__file__).resolve().parent / "web" / "static" / "vendor" / "print"
"""Inter for paper; where the assets were not built, a serif stands in."""


class Settings(BaseSettings):
    """What an operator sets. A wrong value is one clear line at start, never a surprise later."""

    model_config = SettingsConfigDict(env_prefix="SHUTTLE_", frozen=True, extra="ignore")

    database_url: str = Field(
        default="", description="Database; empty: SQLite at DATA_DIR/shuttle.db; else postgresql://…"
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on")
    data_dir: Path = Field(
        default=Path("var"), description="Folder for the database, backups and what is built at run time"
    )
    workers: int = Field(default=1, ge=1, le=64, description="Web worker processes")
    language: str = Field(default="nb", description="Language where nobody has chosen one: nb, nn or en")
    timezone: str = Field(default="Europe/Oslo", description="Time zone of the service")
    schedules: Path = Field(default=SCHEDULES, description="Folder of schedule files that fills an empty database")

    count_wheelchairs: bool = Field(
        default=False, description="Whether it is counted how many got on in a wheelchair (true or false)"
    )

    suppression_threshold: int = Field(
        default=5, ge=2, le=1000, description="Released figures from 1 to one less than this are hidden"
    )

    keep_observers_days: int = Field(
        default=90, ge=1, le=36500, description="Days after which a count no longer says who counted, and when"
    )
    keep_sign_ins_days: int = Field(
        default=30, ge=1, le=36500, description="Days after which a sign-in that is over is forgotten"
    )

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in ("nb", "nn", "en"):
            raise ValueError("allowed: nb, nn, en")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("allowed: a name of the IANA time zone database, as Europe/Oslo") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The database's address; SQLite in the data folder unless one is given."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'shuttle.db').resolve()}"


def read_settings() -> Settings:
    """Read the environment. Raises Invalid (`bad-setting`) naming every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            Fault(item["msg"], f"SHUTTLE_{str(item['loc'][0]).upper()}", given=str(item["input"]))
            for item in error.errors()
        ]
        raise Invalid("bad-setting", "; ".join(str(fault) for fault in faults), faults=faults) from None
