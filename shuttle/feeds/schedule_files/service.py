"""`service.toml`: the service's names and the agency that answers for it. A folder without it names neither."""

from functools import cached_property

from shuttle.domain.basics.errors import Fault
from shuttle.domain.timetable.service_details import ServiceDetails
from shuttle.feeds.toml.lines import TomlDocument
from shuttle.feeds.toml.schema import TomlModel, key, read_model
from shuttle.feeds.toml.types import Text


class ServiceFile(TomlModel):
    """`service.toml`."""

    nb: Text | None = key("text", "name of the service in bokmål", None)
    nn: Text | None = key("text", "its name in nynorsk", None)
    en: Text | None = key("text", "its name in English", None)
    agency_id: Text | None = key("text", "short name of the agency in feeds", None)
    agency_name: Text | None = key("text", "name of the agency that answers for the service", None)
    agency_url: Text | None = key("text", "address of the agency's pages", None)

    @cached_property
    def built(self) -> ServiceDetails:
        names = {"nb": self.nb, "nn": self.nn, "en": self.en}
        return ServiceDetails(
            names={language: name for language, name in names.items() if name},
            agency_id=self.agency_id or "",
            agency_name=self.agency_name or "",
            agency_url=self.agency_url or "",
        )


def read_service(document: TomlDocument, faults: list[Fault]) -> ServiceDetails | None:
    """The details, or None with their faults added to `faults`."""
    file = read_model(ServiceFile, document, faults)
    return file.built if file else None
