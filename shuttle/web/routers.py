"""All routers, in the order in which a request is compared with their routes: the most frequent come first."""

from shuttle.web.api.boardings import router as boardings_api
from shuttle.web.api.changes import router as changes_api
from shuttle.web.api.counting_keys import router as counting_keys_api
from shuttle.web.api.facts.acts import router as fact_acts_api
from shuttle.web.api.facts.hours import router as hours_api
from shuttle.web.api.facts.network import router as network_api
from shuttle.web.api.incidents import router as incidents_api
from shuttle.web.api.passings import router as passings_api
from shuttle.web.api.plans import router as plans_api
from shuttle.web.api.reports import router as reports_api
from shuttle.web.api.ridership import router as ridership_api
from shuttle.web.api.roadmaps import router as roadmaps_api
from shuttle.web.api.schedule import router as schedule_api
from shuttle.web.api.skipped_stops import router as skipped_stops_api
from shuttle.web.api.timetables import router as timetables_api
from shuttle.web.api.today import router as today_api
from shuttle.web.api.trials import router as trials_api
from shuttle.web.feeds import router as feeds
from shuttle.web.health import router as health
from shuttle.web.metrics import router as metrics
from shuttle.web.pages.about import router as about_page
from shuttle.web.pages.access.account import router as account_page
from shuttle.web.pages.access.login import router as login_page
from shuttle.web.pages.access.notifications import router as notifications_page
from shuttle.web.pages.access.provider_login import router as provider_login_page
from shuttle.web.pages.access.second_factor import router as second_factor_page
from shuttle.web.pages.admin.accounts import router as admin_accounts_page
from shuttle.web.pages.admin.first_steps import router as first_steps_page
from shuttle.web.pages.admin.jobs import router as admin_upkeep_page
from shuttle.web.pages.admin.overview import router as admin_page
from shuttle.web.pages.admin.service import router as admin_service_page
from shuttle.web.pages.admin.tablets import router as tablet_page
from shuttle.web.pages.board import router as board_page
from shuttle.web.pages.data import router as data_page
from shuttle.web.pages.driver.calendar import router as driver_calendar_page
from shuttle.web.pages.driver.day import router as driver_page
from shuttle.web.pages.places.hours import router as hours_page
from shuttle.web.pages.places.network import router as network_page
from shuttle.web.pages.places.pictures import router as pictures_page
from shuttle.web.pages.places.sheet import router as sheet_page
from shuttle.web.pages.places.stops import router as stops_page
from shuttle.web.pages.planning.demand import router as demand_page
from shuttle.web.pages.planning.duties import router as duties_page
from shuttle.web.pages.planning.form.change import router as change_page
from shuttle.web.pages.planning.form.pages import router as form_page
from shuttle.web.pages.planning.overview import router as planning_page
from shuttle.web.pages.planning.proposal import router as proposal_page
from shuttle.web.pages.planning.roadmap.pages import router as roadmap_page
from shuttle.web.pages.planning.scenario import router as scenario_page
from shuttle.web.pages.planning.side_by_side import router as side_by_side_page
from shuttle.web.pages.privacy import router as privacy_page
from shuttle.web.pages.public import router as public_page
from shuttle.web.pages.ridership.corrections import router as corrections_page
from shuttle.web.pages.ridership.overview import router as ridership_page
from shuttle.web.pages.ridership.punctuality import router as punctuality_page
from shuttle.web.pages.ridership.trials import router as trials_page
from shuttle.web.pages.staff.changes import router as staff_changes_page
from shuttle.web.pages.staff.day import router as staff_page
from shuttle.web.pages.staff.remedies import router as remedies_page
from shuttle.web.pages.timetable.calendar import router as calendar_page
from shuttle.web.pages.timetable.draft_poster import router as draft_poster
from shuttle.web.pages.timetable.drafts import router as drafts_page
from shuttle.web.pages.timetable.publishing import router as publishing_page
from shuttle.web.pages.timetable.typed_times import router as typed_times_page
from shuttle.web.security_txt import router as security_txt
from shuttle.web.source import router as source
from shuttle.web.static_files import router as static_files

ROUTERS = (
    schedule_api,
    boardings_api,
    feeds,
    health,
    counting_keys_api,
    changes_api,
    passings_api,
    incidents_api,
    today_api,
    skipped_stops_api,
    static_files,
    public_page,
    driver_page,
    staff_page,
    staff_changes_page,
    remedies_page,
    timetables_api,
    ridership_api,
    reports_api,
    trials_api,
    plans_api,
    roadmaps_api,
    hours_api,
    network_api,
    fact_acts_api,
    data_page,
    about_page,
    privacy_page,
    board_page,
    metrics,
    source,
    security_txt,
    driver_calendar_page,
    provider_login_page,
    login_page,
    tablet_page,
    account_page,
    second_factor_page,
    notifications_page,
    admin_page,
    admin_accounts_page,
    admin_service_page,
    first_steps_page,
    admin_upkeep_page,
    calendar_page,
    sheet_page,
    network_page,
    stops_page,
    pictures_page,
    hours_page,
    duties_page,
    planning_page,
    roadmap_page,
    demand_page,
    drafts_page,
    publishing_page,
    draft_poster,
    typed_times_page,
    change_page,
    form_page,
    proposal_page,
    scenario_page,
    side_by_side_page,
    ridership_page,
    corrections_page,
    trials_page,
    punctuality_page,
)
