"""Query parameters of a route as one Pydantic model: it reads the values and describes them in OpenAPI.

FastAPI's `Query()` parameters do the same, but resolving five of them takes longer than the rest of a cached answer. So the routes
that are polled most use these models.
"""

from typing import Annotated, Any, Self

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

DateText = Annotated[str, Field(description="A service date, YYYY-MM-DD", examples=["2026-05-14"])]
Language = Annotated[str | None, Field(alias="lang", description="nb, nn or en", pattern="^(nb|nn|en)$")]


class QueryModel(BaseModel):
    """Base class. A field's alias is the parameter's name. Unknown parameters are ignored; of a repeated one the last counts."""

    @classmethod
    def of(cls, request: Request) -> Self:
        """The query of a request. Raises RequestValidationError (answered as `invalid-request`), as FastAPI does."""
        try:
            return cls.model_validate(dict(request.query_params))
        except ValidationError as error:
            faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors(include_url=False)]
            raise RequestValidationError(faults) from None

    @classmethod
    def openapi(cls) -> dict[str, Any]:
        """The parameters' description, for `openapi_extra=` of the route."""
        schema = cls.model_json_schema()
        required = schema.get("required", ())
        return {"parameters": [_parameter(name, part, name in required) for name, part in schema["properties"].items()]}


def _parameter(name: str, schema: dict[str, Any], is_required: bool) -> dict[str, Any]:
    parameter = {"name": name, "in": "query", "required": is_required, "schema": schema}
    return parameter | {"description": schema["description"]} if "description" in schema else parameter


class ConnectionQuery(QueryModel):
    """Two stops to travel between, and the language of the answer."""

    origin: Annotated[str | None, Field(alias="from", description="The stop to board at; goes with `to`")] = None
    destination: Annotated[str | None, Field(alias="to", description="The stop to leave at; goes with `from`")] = None
    lang: Language = None
