"""Tables of planning: plans, revisions of scenarios, drafts of forms and nightly demand estimates."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class PlanRow(Base):
    """A plan. `scenario`: its TOML; `progress`: best, bound, gap, seconds, phase; `answer`: the document of `plan
    --json`; `failure`: a JobOutcome (store/operation/outcomes.py).

    `origin`: the plan whose requirement it was asked without, to see what that costs (`plan`, `without`); None: no other.
    `beat_at`: latest heartbeat of its worker. A running plan without a recent heartbeat was interrupted.
    """

    __tablename__ = "plans"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    scenario_id: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))
    scenario: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20), index=True)
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[dict[str, Any] | None]
    answer: Mapped[dict[str, Any] | None]
    failure: Mapped[str] = mapped_column(String(1000), default="")
    schedule_version: Mapped[int] = mapped_column(default=0)
    origin: Mapped[dict[str, Any] | None]


class ScenarioRow(Base):
    """A revision of a saved scenario. `scenario`: the id within the text; `revision` counts from 1; `text`: TOML as saved."""

    __tablename__ = "scenarios"

    scenario: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    saved_by: Mapped[str] = mapped_column(String(120))
    saved_at: Mapped[datetime]


class DemandEstimateRow(Base):
    """A night's estimate from the counts of `first` to `last`. `pairs`: documents of `services.ridership.demand_estimates`."""

    __tablename__ = "demand_estimates"

    night: Mapped[date] = mapped_column(primary_key=True)
    first: Mapped[date]
    last: Mapped[date]
    made_at: Mapped[datetime]
    pairs: Mapped[list[Any]]


class SolvedFrontRow(Base):
    """An answer of the planner to a front of a roadmap. `key`: SHA-256 of the question; `answer`: the document of `plan --json`."""

    __tablename__ = "solved_fronts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer: Mapped[dict[str, Any]]
    solved_at: Mapped[datetime]


class RoadmapRunRow(Base):
    """A run of a roadmap. `text`: its TOML; `time_limit` in seconds; `answer`: the document of `roadmap --json`, as far as it is;
    `beat_at` and `failure` as in PlanRow."""

    __tablename__ = "roadmap_runs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    roadmap_id: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    time_limit: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), index=True)
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[dict[str, Any] | None]
    failure: Mapped[str] = mapped_column(String(1000), default="")


class FormDraftRow(Base):
    """Unsaved inputs of a person in a planning form (its address). `inputs`: name of an input -> its texts."""

    __tablename__ = "form_drafts"

    person: Mapped[str] = mapped_column(String(120), primary_key=True)
    form: Mapped[str] = mapped_column(String(120), primary_key=True)
    inputs: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime] = mapped_column(index=True)
