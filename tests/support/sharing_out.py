"""How the tests of a run are shared out among its workers.

A worker takes whole files, because the tests of a file share what is dear to make. What lasts longest begins first, so
that no worker is left alone with it at the end. The tests of `tests/permissions` share one company over all their
files, once for each database: there it is a database that a worker takes. Only those who ask every endpoint, and so may
set something going, have their companies to themselves.
"""

from __future__ import annotations

import re

import pytest
from xdist.scheduler import LoadFileScheduling

SECONDS_OF_ONE = 0.4  # what a test lasts where nothing else is known
# Files that last longer than their number of tests says, in seconds of one worker; measured, and no promise.
SECONDS: dict[str, float] = {
    "tests/permissions[postgres]": 200,
    "tests/permissions[sqlite]": 150,
    "tests/permissions/test_endpoints.py": 100,
    "tests/browser/test_a_main_job.py": 170,
    "tests/browser/test_what_buyers_see_first.py": 120,
    "tests/browser/test_rule_editor.py": 80,
    "tests/browser/test_views.py": 70,
    "tests/browser/test_form_designer.py": 65,
    "tests/browser/test_campaigns.py": 60,
    "tests/browser/test_z_approval_designer.py": 60,
    "tests/browser/test_object_designer.py": 55,
    "tests/browser/test_packs.py": 55,
    "tests/browser/test_quotes.py": 45,
    "tests/browser/test_privacy.py": 35,
    "tests/browser/test_user_guide.py": 35,
    "tests/browser/test_customer_page.py": 35,
    "tests/browser/test_y_approvals.py": 30,
    "tests/browser/test_sheets.py": 30,
    "tests/browser/test_ownership.py": 30,
    "tests/browser/test_x_stage_gates.py": 25,
    "tests/browser/test_without_code.py": 20,
    "tests/browser/test_sharing.py": 20,
    "tests/e2e/test_main_job.py": 100,
    "tests/e2e/test_stories.py": 90,
    "tests/e2e/test_move.py": 60,
    "tests/robustness/test_openapi.py": 110,
    "tests/integration/customer/test_privacy.py": 33,
    "tests/integration/customer/test_sharing.py": 23,
    "tests/integration/customer/test_list_indexes.py": 15,
    "tests/integration/customer/test_killed_workers.py": 15,
    "tests/integration/customer/test_unseen_object.py": 11,
    "tests/integration/devstack/test_full_stack.py": 60,
    "tests/integration/packs/test_industries.py": 60,
    "tests/integration/packs/test_through_the_console.py": 40,
    "tests/integration/packs/test_round_trip.py": 30,
    "tests/integration/packs/test_removal.py": 30,
    "tests/integration/packs/test_shipped_approvals.py": 30,
    "tests/integration/demo/test_on_the_product.py": 40,
    "tests/integration/follow_ups/test_next_steps.py": 30,
    "tests/integration/testkit/test_private_servers.py": 30,
    "tests/integration/migrations/test_migrations.py": 20,
}
_PERMISSIONS = re.compile(r"(tests/permissions)/(?!test_endpoints).*\[(sqlite|postgres)\b")


class SharingOut(LoadFileScheduling):
    """Takes units in the order of the tests, which `longest_first` has made."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """Return the name of what one worker takes as a whole."""
    company = _PERMISSIONS.match(nodeid)
    return f"{company[1]}[{company[2]}]" if company else nodeid.partition("::")[0]


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of each unit together, and the units into the order of the time that they take."""
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit(item.nodeid), []).append(item)
    order = sorted(units, key=lambda name: _seconds(name, len(units[name])), reverse=True)
    items[:] = [item for name in order for item in units[name]]


def _seconds(name: str, tests: int) -> float:
    return SECONDS.get(name, tests * SECONDS_OF_ONE)
