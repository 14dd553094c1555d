"""Schema of a TOML file: one Pydantic model a table, each key with its unit and meaning.

The reader, the tables of schedules/README.md and the scenario's form follow from the fields. A validator refuses with `Fault`s
whose path is relative to the value that it checks; `read_model` adds the file and the line. All faults of a file come at once.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Self, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.feeds.toml.lines import TomlDocument

Value = TypeVar("Value")
Model = TypeVar("Model", bound="TomlModel")

_FAULT = "fault"

_TYPES: Mapping[str, tuple[str, str]] = {
    "string_type": ("not-text", "text in quotes"),
    "bool_type": ("not-a-flag", "true or false"),
    "int_type": ("not-a-whole-number", "a whole number"),
    "float_type": ("not-a-number", "a number"),
    "finite_number": ("not-a-number", "a number"),
    "list_type": ("not-a-list", "a list"),
    "dict_type": ("not-a-table", "a table"),
    "model_type": ("not-a-table", "a table"),
    "date_type": ("not-a-date", "a date as 2026-05-14, without quotes"),
}
"""Pydantic's error -> code of the fault, and what is allowed."""

_ALLOWED: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a date as 2026-05-14, without quotes",
}


@dataclass(frozen=True)
class Written:
    """Metadata of a type whose value in the file has another type than the field: what is allowed there."""

    allowed: str


@dataclass(frozen=True, kw_only=True)
class Context:
    """Names that a file may refer to. `names`: kind of thing -> the names that exist; None where their own file cannot be read."""

    names: Mapping[str, Collection[str] | None] = field(default_factory=dict)


def refusal(*faults: Fault, up: int = 0) -> ValidationError:
    """The error that a validator raises. `up`: steps from the validated value to where the paths of the faults begin."""
    return _error([_line(fault, up) for fault in faults])


def attempt(make: Callable[[], Value], *path: str | int, up: int = 0) -> Value:
    """Result of `make`; its `Invalid` as a refusal at `path`."""
    try:
        return make()
    except Invalid as error:
        raise refusal(fault_of(error, *path), up=up) from None


def fault_of(error: Invalid, *path: str | int) -> Fault:
    """A refusal of the domain as a fault."""
    return Fault(what=error.detail, given=error.given, allowed=error.allowed, code=error.code, path=path)


def collected(faults: Iterable[Fault], up: int = 0) -> None:
    """Raises one refusal with all the faults, if there are any."""
    if several := list(faults):
        raise refusal(*several, up=up)


def faults_in(error: ValidationError, *path: str | int) -> Iterator[Fault]:
    """The faults of a refusal by a validator of one value, at `path`."""
    for each in error.errors(include_url=False):
        yield replace(each["ctx"]["fault"], path=path)


def across(check: Callable[[list[Any], str], Iterable[Fault]]) -> WrapValidator:
    """A check of an array of tables as it stands in the file, sound or not: it gets the tables and the array's key."""

    def validate(values: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        tables = values if isinstance(values, list) and all(isinstance(each, dict) for each in values) else None
        return with_faults(handler, values, () if tables is None else check(tables, name_of(info)))

    return WrapValidator(validate)


def with_faults(handler: Callable[[Any], Value], values: Any, faults: Iterable[Fault]) -> Value:
    """Result of `handler` for the values. Its own errors and these faults are raised together."""
    errors = [_line(fault, 0) for fault in faults]
    try:
        result = handler(values)
    except ValidationError as error:
        raise _error([*map(_kept, error.errors(include_url=False)), *errors]) from None
    if errors:
        raise _error(errors)
    return result


def between(check: Callable[[list[tuple[int, Any]]], Iterable[Fault]]) -> WrapValidator:
    """A check between the elements of a list: it gets those without a fault, each with its position."""

    def validate(values: Any, handler: Callable[[Any], list[Any]]) -> list[Any]:
        errors: list[InitErrorDetails] = []
        elements: list[tuple[int, Any]] = []
        try:
            elements = list(enumerate(handler(values)))
        except ValidationError as error:
            errors = [_kept(each) for each in error.errors(include_url=False)]
            faulty = {each["loc"][0] if each.get("loc") else None for each in errors}
            if None not in faulty:
                positions = [position for position in range(len(values)) if position not in faulty]
                elements = list(zip(positions, handler([values[n] for n in positions]), strict=True))
        errors += [_line(fault, 0) for fault in check(elements)]
        if errors:
            raise _error(errors)
        return [element for _, element in elements]

    return WrapValidator(validate)


def _error(errors: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("TOML", errors)


def _line(fault: Fault, up: int, loc: tuple[str | int, ...] = (), value: object = None) -> InitErrorDetails:
    kind = PydanticCustomError(_FAULT, "{what}", {"what": fault.what, "fault": fault, "up": up})
    return {"type": kind, "loc": loc, "input": value}


def _kept(error: ErrorDetails) -> InitErrorDetails:
    """An error as it was, for another ValidationError."""
    if error["type"] == _FAULT:
        return _line(error["ctx"]["fault"], error["ctx"]["up"], error["loc"], error["input"])
    return {"type": error["type"], "loc": error["loc"], "input": error["input"], "ctx": error.get("ctx", {})}


class TomlModel(BaseModel):
    """A table of a TOML file. Keys without a field are faults: a misspelt key would be a fact that is silently missing."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @cached_property
    def built(self) -> Any:
        """The table as a value of the domain. Raises Invalid, which becomes a fault of this table."""
        return None

    @model_validator(mode="after")
    def _build(self) -> Self:
        attempt(lambda: self.built)
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _translate(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Pydantic's own errors as faults with our codes."""
        try:
            return handler(values)
        except ValidationError as error:
            raise _error([cls._translated(each) for each in error.errors(include_url=False)]) from None

    @classmethod
    def _translated(cls, error: ErrorDetails) -> InitErrorDetails:
        kind, loc = error["type"], error["loc"]
        if kind == _FAULT or not loc:
            return _kept(error)
        value, name = error["input"], str(next(step for step in reversed(loc) if isinstance(step, str)))
        if kind == "missing":
            fault = Fault(what=f"{name} is missing", allowed=_allowed(cls.field_of(name)), code="missing")
        elif kind == "extra_forbidden":
            allowed = ", ".join(sorted(key for key, _ in cls.file_keys()))
            fault = Fault(what=f"unknown key {name!r}", given=name, allowed=allowed, code="unknown-key")
        elif kind in _TYPES:
            code, allowed = _TYPES[kind]
            what = f"{name} is not {allowed}"
            if isinstance(loc[-1], int):
                what = f"{name} holds something that is not {allowed.removesuffix(' in quotes')}"
            fault = Fault(what=what, given=str(value), allowed=allowed, code=code)
        else:
            fault = out_of_range(name, value, *_bounds(cls.field_of(name)))
        return _line(fault, 0, loc, value)

    @classmethod
    def file_keys(cls) -> Iterator[tuple[str, FieldInfo]]:
        """Each key as it stands in the file, and its field."""
        for name, info in cls.model_fields.items():
            yield info.alias or name, info

    @classmethod
    def field_of(cls, key: str) -> FieldInfo:
        return dict(cls.file_keys())[key]


def out_of_range(key: str, value: object, low: float, high: float, *path: str | int) -> Fault:
    """A fault of a number that is not from `low` to `high`."""
    what, allowed = f"{key} is out of range", f"{low} to {high}"
    return Fault(what=what, given=str(value), allowed=allowed, path=path, code="out-of-range")


def _bounds(info: FieldInfo) -> tuple[Any, Any]:
    low = next(each.ge for each in info.metadata if isinstance(each, Ge))
    return low, next(each.le for each in info.metadata if isinstance(each, Le))


def _allowed(info: FieldInfo) -> str:
    written = next((each.allowed for each in info.metadata if isinstance(each, Written)), None)
    kind = plain_type(info.annotation)
    return written or _ALLOWED.get(dict if issubclass(kind, BaseModel) else kind, "text in quotes")


def plain_type(annotation: Any) -> type[Any]:
    """The type of a value: without metadata, None, or the items of a list or table."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return plain_type(parts[0])
    if origin in (Union, UnionType):
        return plain_type(next(part for part in parts if part is not NoneType))
    kind: type[Any] = origin or annotation
    return kind


def key(
    unit: str,
    meaning: str,
    default: Any = ...,
    *,
    alias: str | None = None,
    form: str = "",
    shown: str = "",
    **more: Any,
) -> Any:
    """A key of a table: its unit and meaning as schedules/README.md prints them.

    `form`: kind of input in the scenario's form; `shown`: the key in schedules/README.md, where it is not the field's own.
    A default is checked like a value: a check may ask for a key that is missing.
    """
    extra: dict[str, Any] = {"unit": unit, "form": form, "shown": shown}
    return Field(default, alias=alias, description=meaning, json_schema_extra=extra, validate_default=True, **more)


def whole(unit: str, meaning: str, low: int, high: int, default: Any = ..., **more: Any) -> Any:
    """A key with a whole number from `low` to `high`."""
    return key(unit, meaning, default, strict=True, ge=low, le=high, **{"form": "whole", **more})


def number(unit: str, meaning: str, low: float, high: float, default: Any = ..., **more: Any) -> Any:
    """A key with a number from `low` to `high`."""
    more = {"form": "number", "allow_inf_nan": False, **more}
    return key(unit, meaning, default, strict=True, ge=low, le=high, **more)


def flag(meaning: str, default: bool | None = None, **more: Any) -> Any:
    """A key with true or false; required without a default."""
    return key("true or false", meaning, ... if default is None else default, strict=True, **{"form": "flag", **more})


def read_model(
    model: type[Model], document: TomlDocument, faults: list[Fault], context: Context | None = None
) -> Model | None:
    """The document as a model, or None with its faults added to `faults`, in the order of their lines."""
    try:
        return model.model_validate(document.values, context=context or Context())
    except ValidationError as error:
        noted = [_placed(each, document) for each in error.errors(include_url=False)]
        faults += sorted(noted, key=lambda fault: fault.line or 0)
        return None


def _placed(error: ErrorDetails, document: TomlDocument) -> Fault:
    fault, up = error["ctx"]["fault"], error["ctx"]["up"]
    path = (*error["loc"][: len(error["loc"]) - up], *fault.path)
    return document.fault(path, fault.what, given=fault.given, allowed=fault.allowed, code=fault.code or code_of(fault))


def code_of(fault: Fault) -> str:
    """The code of a fault whose words hold no value: the words themselves, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fault.what.lower()).strip("-")


def name_of(info: ValidationInfo) -> str:
    """The key that is validated; a field is called `from_` where Python has the word for itself."""
    return (info.field_name or "").rstrip("_")


def sound(info: ValidationInfo, name: str) -> Any:
    """The value of a field that was validated before; None where it has a fault or is not there."""
    return info.data.get(name)


def model_below(annotation: Any) -> type[TomlModel] | None:
    """The model of a table or of an array of tables, optional or not; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, TomlModel):
        return annotation
    return next(filter(None, map(model_below, get_args(annotation))), None)


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def form_input(info: FieldInfo) -> str:
    """The kind of input that a key has in the scenario's form."""
    return str(_extra(info).get("form") or "text")


def key_rows(model: type[TomlModel], prefix: str = "", without: Collection[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Rows of schedules/README.md: key, unit and meaning. A table whose field says how it is shown is one row."""
    for name, info in model.file_keys():
        extra, below = _extra(info), model_below(info.annotation)
        if name in without:
            continue
        if below is not None and not extra["shown"]:
            yield from key_rows(below, f"{prefix}{name}.", without)
        else:
            yield f"{prefix}{extra['shown'] or name}", str(extra["unit"]), info.description or ""
