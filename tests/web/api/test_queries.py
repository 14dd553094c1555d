"""Query parameters read by a Pydantic model: the values, the faults and the description are those of FastAPI."""

from fastapi.testclient import TestClient

from shuttle.web.api.schedule import CalendarQuery

DEPARTURES = "/api/v1/departures"


def test_of_a_repeated_parameter_the_last_counts(client: TestClient) -> None:
    assert client.get(f"{DEPARTURES}?date=2026-11-24&date=2026-11-25").json()["date"] == "2026-11-25"


def test_an_unknown_parameter_is_ignored(client: TestClient) -> None:
    assert client.get(f"{DEPARTURES}?date=2026-11-24&datum=x").json()["date"] == "2026-11-24"


def test_a_fault_names_its_parameter_and_the_given_value(client: TestClient) -> None:
    (wrong,) = client.get(f"{DEPARTURES}?lang=de").json()["errors"]
    assert (wrong["where"], wrong["given"]) == ("query.lang", "'de'")
    (missing,) = client.get("/api/v1/calendar?from=2026-05-02").json()["errors"]
    assert missing["where"] == "query.to"


def test_the_description_lists_every_parameter(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    departures = paths[DEPARTURES]["get"]["parameters"]
    assert {each["name"] for each in departures} == {"date", "stop", "from", "to", "lang"}
    assert {(each["in"], each["required"]) for each in departures} == {("query", False)}
    calendar = {each["name"]: each for each in paths["/api/v1/calendar"]["get"]["parameters"]}
    assert [name for name, each in calendar.items() if each["required"]] == ["from", "to"]
    assert calendar["from"]["description"] == CalendarQuery.model_fields["first"].description
