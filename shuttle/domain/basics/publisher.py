"""Publisher: the agency that answers for the service, as every published feed names it.

An agency (GTFS agency, NeTEx Authority) runs the service; a publisher (GTFS feed_info) puts the data out. Usually they are
the same. All of it comes from the operator's settings, so that a feed never names another town or time zone than the service's.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Agency id, names, addresses, language (`nb`, `nn`, `en`), IANA time zone, and the licence of the data."""

    id: str
    name: str
    url: str
    language: str
    time_zone: str
    publisher_name: str = ""
    publisher_url: str = ""
    contact_email: str = ""
    telephone: str = ""
    licence: str = ""
    licence_url: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
