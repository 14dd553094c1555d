"""A tablet becomes its centre's: the administrator's page shows a link, the tablet opens it and says yes."""

import re

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from tests.browser.conftest import Served, Visit
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.slow


def test_a_tablet_is_paired_with_a_centre(visit: Visit, own_served: Served) -> None:
    admin = visit(own_served, "/admin", Role.ADMIN)
    admin.get_by_label("Navn på nytt nettbrett").fill("Ved døra")
    admin.locator("#centre").select_option("mo-nesttun")
    admin.get_by_role("button", name="Lag QR-kode").click()
    expect(admin.get_by_role("img", name="QR-kode med lenken")).to_be_visible()
    assert findings(admin) == []
    link = re.search(r"/login/tablet/[\w-]+", admin.locator("code.address").inner_text())
    assert link
    tablet = visit(own_served, link[0])
    assert findings(tablet) == []
    tablet.get_by_role("button", name="Ta nettbrettet i bruk").click()
    expect(tablet.get_by_role("heading", level=1, name="MO Nesttun")).to_be_visible()
    assert findings(tablet) == []
