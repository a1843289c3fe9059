"""Every path of the OpenAPI document has a claim of its own, or is named here as one that tells no records.

A new path fails this test until somebody has decided: what it shows is compared by `surfaces`, or it shows nothing.
"""

from __future__ import annotations

from fnmatch import fnmatch

from .conftest import World
from .surfaces import BIN, COUNTS, OTHERS, PAIRS, REFUSING, SURFACES
from .test_endpoints import operations

# patterns of operations that tell nothing of records, and what they speak of
WITHOUT_RECORDS: dict[str, str] = {
    "* /api/auth/*": "the caller himself",
    "* /api/gateway/*": "people, departments, roles, keys, the audit log",
    "* /api/*/v1/admin/*": "messages that an operator answers for as a whole (system.read)",
    "* /api/notify/v1/*": "the caller's own messages, templates (a preview asks with his token), webhooks, mailboxes; "
                        "all deliveries for who reads the audit log; correspondence for services",
    "* /api/workflow/v1/rules*": "rules; their runs are among the runs",
    "* /api/workflow/v1/task-kinds*": "kinds of tasks",
    "* /api/workflow/v1/processes": "processes; starting one over a record is in `test_visibility`",
    "POST /api/workflow/v1/processes/check": "a process",
    "POST /api/workflow/v1/process-signals": "a name",
    "POST /api/workflow/v1/process-messages": "a name and what it is about",
    "* /api/workflow/v1/absences*": "the caller's own; who stands in for whom",
    "* /api/workflow/v1/dry-runs*": "the caller's own; what they show of records is in `test_dry_runs`",
    "* /api/workflow/v1/approvals*": "processes in their simple form",
    "* /api/workflow/v1/processes/{id}": "a process",
    "* /api/workflow/v1/processes/{id}/versions*": "a process",
    "* /api/workflow/v1/processes/{id}/draft": "a process",
    "* /api/workflow/v1/processes/{id}/moves*": "versions; the titles in the results are those of `GET …/instances`",
    "* /api/customer/v1/objects": "definitions",
    "* /api/customer/v1/currencies": "settings of the company",
    "* /api/customer/v1/exchange-rates*": "settings of the company",
    "* /api/customer/v1/objects/batch": "definitions",
    "* /api/customer/v1/objects/{object}": "definitions",
    "* /api/customer/v1/objects/{object}/fields*": "definitions; a preview of another type is in `test_administration`",
    "* /api/customer/v1/objects/{object}/field-order": "definitions",
    "* /api/customer/v1/objects/{object}/indexes": "definitions",
    "* /api/customer/v1/objects/{object}/settling": "definitions",
    "* /api/customer/v1/objects/{object}/uses": "definitions",
    "* /api/customer/v1/objects/{object}/bin*": "deleted fields",
    "* /api/customer/v1/objects/{object}/tags": "definitions",
    "* /api/customer/v1/objects/{object}/layout*": "layouts",
    "* /api/customer/v1/objects/{object}/views": "views",
    "* /api/customer/v1/objects/{object}/views/choice": "views",
    "* /api/customer/v1/objects/{object}/views/{id}": "views",
    "* /api/customer/v1/views": "views",
    "* /api/customer/v1/object-*": "definitions",
    "POST /api/customer/v1/recipients": "for services: in `test_recipients`",
    "* /api/customer/v1/survey-invitations": "only services; what is answered is a record",
    "* /api/customer/v1/web-forms*": "public forms: they only take",
    "* /api/customer/v1/formulas/*": "formulas; the example of a check is in `test_administration`",
    "* /api/customer/v1/tags*": "the company's tags",
    "* /api/customer/v1/retention*": "rules; what a dry run shows is in `test_administration`",
    "* /api/customer/v1/privacy/*": "in `test_administration`",
    "* /api/customer/v1/sharing/*": "rules of sharing; the copy of services",
    "* /api/customer/v1/pools*": "pools; what a preview shows is in `test_administration`",
    "* /api/workflow/v1/task-transfers*": "counts, for the service that keeps hand-overs",
    "* /api/customer/v1/imports*": "the caller's own sheets; those of others are in `test_administration`",
    "* /api/customer/v1/bulk-jobs*": "the caller's own jobs; what they reach is in `test_visibility`",
    "* /api/customer/v1/handovers*": "how many records of a person, and ids without names",
    "* /api/customer/v1/exports*": "the caller's own files",
    "* /api/customer/v1/duplicates/{object}/s*": "settings and progress",
    "POST /api/customer/v1/segments": "a new condition",
    "PATCH /api/customer/v1/segments/{id}": "a condition",
    "DELETE /api/customer/v1/segments/{id}": "a condition",
    "POST /api/customer/v1/segments/{id}/rebuild": "a condition",
    "POST /api/customer/v1/files": "a file of the caller's own",
    "POST /api/customer/v1/records/{object}": "a record of the caller's own",
    "POST /api/customer/v1/records/{object}/lines": "a record of the caller's own",
    "POST /api/customer/v1/records/{object}/seen": "for services: in `test_seen_changes`",
    "POST /api/customer/v1/records/{object}/replay": "for services: in `test_replay`",
    "POST /api/customer/v1/records/{object}/judge": "answers with the caller's eyes: in `test_related_in_forms`",
    "POST /api/customer/v1/records/{object}/fill": "prices of what the caller reads",
    "* /api/report/v1/dashboards": "boards",
    "* /api/report/v1/dashboards/{id}": "boards",
    "* /api/report/v1/board-schedules*": "who gets a board and when; what he gets is in `test_schedules`",
    "GET /api/report/v1/board-files/{id}": "the caller's own files: in `test_schedules`",
    "* /api/report/v1/analyses*": "who sees which score is in `test_analyses`",
    "GET /api/report/v1/record-scores/{object}/{id}": "in `test_analyses`",
    "POST /api/report/v1/drill": "criteria made of the question; records are asked for with them, as by everybody",
    "* /api/report/v1/rebuild": "the read model",
    "* /api/report/v1/status": "the read model",
}


def _claimed() -> set[str]:
    asked = (*SURFACES, *COUNTS, *REFUSING, *OTHERS, PAIRS, BIN)
    return {one.partition(" · ")[0] for one in asked}


def test_every_path_that_tells_of_records_has_a_claim(world: World) -> None:
    unclaimed = operations(world) - _claimed()
    assert {one for one in unclaimed if not any(fnmatch(one, pattern) for pattern in WITHOUT_RECORDS)} == set()


def test_every_claim_and_every_exception_is_about_a_path_that_is_there(world: World) -> None:
    there = operations(world)
    assert _claimed() - there == set()
    assert [pattern for pattern in WITHOUT_RECORDS if not any(fnmatch(one, pattern) for one in there)] == []
