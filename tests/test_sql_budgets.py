"""How many SQL statements a request costs, held to the committed figures; BEGIN, SAVEPOINT, COMMIT do not count."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from drafts.core import gate
from drafts.core.identifiers import FILES_PREFIX, file_token
from drafts.models import Draft, DraftFile, DraftVersion
from drafts.services import quotas
from tests.support import MATE, MEDIA, Api, body_of, path_of

FIGURES: dict[str, int] = {
    # SQLite, which has no round trips, takes several statements where PostgreSQL takes one.
    name: figure if isinstance(figure, int) else figure[connection.vendor]
    for name, figure in json.loads((Path(__file__).parent / "query_counts.json").read_text()).items()
}
TRANSACTION = re.compile(r"(BEGIN|SAVEPOINT|RELEASE|COMMIT|ROLLBACK|SET |PRAGMA)", re.IGNORECASE)
LOGO = (MEDIA / "logo.png").read_bytes()
CANVASES = [{"op": "change_canvas", "width": width, "height": 720} for width in (640, 960)]
SAMPLE = Path(__file__).parent / "samples" / "drafts" / "s01_basic"


def statements(call: Callable[[], Any], *, status: int = 200) -> list[str]:
    """The SQL of one request, in order. What is kept for a second (the gate, whether there is a quota) is read anew."""
    gate._state = gate.State(float("-inf"), None, 0, 0)
    quotas.forget()
    with CaptureQueriesContext(connection) as captured:
        response = call()
        body_of(response)
    assert response.status_code == status, response
    return [query["sql"] for query in captured.captured_queries if not TRANSACTION.match(query["sql"])]


@pytest.fixture
def draft_id(api: Api) -> str:
    """A draft with a file, saved once."""
    made = str(api.create()["draft_id"])
    api.put(f"/api/v1/drafts/{made}/files/assets/images/logo.png", LOGO)
    api.save(made)
    return made


def edit(api: Api, draft_id: str) -> None:
    """Any change of the document."""
    api.put_content(draft_id, {**api.content(draft_id), "duration": Draft.objects.get(pk=draft_id).revision})


Call = Callable[[Api, str], Any]
UNCHANGED: dict[str, Call] = {
    "get_draft": lambda api, draft: api.get(f"{MATE}/get_draft?draft_id={draft}"),
    "get_draft names": lambda api, draft: api.get(f"/v1/get_draft?draft_id={draft}"),
    "get_draft of a version": lambda api, draft: api.get(f"{MATE}/get_draft?draft_id={draft}&version=1"),
    "draft page": lambda api, draft: api.get(f"{MATE}/get_draft?draft_id={draft}", **{"Sec-Fetch-Dest": "document"}),
    "draft page of a version": lambda api, draft: api.get(
        f"{MATE}/get_draft?draft_id={draft}&version=1", **{"Sec-Fetch-Dest": "document"}
    ),
    "save_draft unchanged": lambda api, draft: api.save(draft),
    "resource save unchanged": lambda api, draft: api.post(f"/api/v1/drafts/{draft}/save"),
    "download of a file": lambda api, draft: api.get(link(draft, "logo.png")),
    "download of the document": lambda api, draft: api.get(link(draft, "draft_content.json")),
    "resource draft": lambda api, draft: api.get(f"/api/v1/drafts/{draft}"),
    "resource list": lambda api, draft: api.get("/api/v1/drafts"),
    "resource content": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/content"),
    "resource files": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/files"),
    "resource versions": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/versions"),
    "resource archive": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/archive.zip"),
    "integrity": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/integrity"),
    "timeline": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/timeline"),
    "timeline picture": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/timeline.svg"),
    "subtitles": lambda api, draft: api.get(f"/api/v1/drafts/{draft}/subtitles.srt"),
}


def link(draft_id: str, name: str) -> str:
    """The path of a delivered file, without asking the server."""
    inside = name if name.endswith(".json") else f"assets/images/{name}"
    return f"{FILES_PREFIX}{file_token(draft_id)}/{draft_id}/{inside}"


@pytest.mark.parametrize("name", sorted(UNCHANGED))
def test_a_read_costs_its_budget(api: Api, draft_id: str, name: str) -> None:
    found = statements(lambda: UNCHANGED[name](api, draft_id))
    assert len(found) == FIGURES[name], "\n".join(found)


def test_a_changed_save_costs_its_budget_on_both_surfaces(api: Api, draft_id: str) -> None:
    edit(api, draft_id)
    found = statements(lambda: api.save(draft_id))
    assert len(found) == FIGURES["save_draft changed"], "\n".join(found)
    edit(api, draft_id)
    found = statements(lambda: api.post(f"/api/v1/drafts/{draft_id}/save"), status=201)
    assert len(found) == FIGURES["resource save changed"], "\n".join(found)


def test_a_first_save_costs_no_more(api: Api) -> None:
    made = api.create()["draft_id"]
    found = statements(lambda: api.save(made))
    assert len(found) == FIGURES["save_draft first"], "\n".join(found)


def test_creating_and_editing_cost_their_budgets(api: Api, draft_id: str) -> None:
    document = {**api.content(draft_id), "duration": 77}
    path = f"/api/v1/drafts/{draft_id}"
    calls: dict[str, tuple[Callable[[], Any], int]] = {
        "create_draft": (lambda: api.post(f"{MATE}/create_draft"), 200),
        "resource create": (lambda: api.post("/api/v1/drafts"), 201),
        "content put": (lambda: api.put_content(draft_id, document), 200),
        "content put unchanged": (lambda: api.put_content(draft_id, document), 200),
        "file put": (lambda: api.put(f"{path}/files/new.txt", b"new"), 201),
        "file put of known bytes": (lambda: api.put(f"{path}/files/same.png", LOGO), 201),
        "file put unchanged": (lambda: api.put(f"{path}/files/same.png", LOGO), 200),
        "file delete": (lambda: api.delete(f"{path}/files/same.png"), 204),
        "edit": (lambda: api.post(f"{path}/edits", {"operations": CANVASES}), 200),
        "rename": (lambda: api.patch(path, {"name": "other"}), 200),
        "restore": (lambda: api.post(f"{path}/versions/1/restore"), 201),
        "trash": (lambda: api.delete(path), 204),
    }
    for name, (call, status) in calls.items():
        found = statements(call, status=status)
        assert len(found) == FIGURES[name], f"{name}\n" + "\n".join(found)


def test_no_budget_grows_with_versions_or_with_other_drafts(api: Api, draft_id: str) -> None:
    for _ in range(5):
        api.create()
        edit(api, draft_id)
        api.save(draft_id)
    assert DraftVersion.objects.count() == 6
    for name, call in UNCHANGED.items():
        found = statements(lambda call=call: call(api, draft_id))  # type: ignore[misc]  # mypy sees no type in a lambda's default
        assert len(found) == FIGURES[name], f"{name}\n" + "\n".join(found)
    test_a_changed_save_costs_its_budget_on_both_surfaces(api, draft_id)


def test_lists_and_archives_do_not_cost_a_query_for_each_file(api: Api) -> None:
    draft = api.imported(SAMPLE)["id"]
    assert DraftFile.objects.filter(draft_id=draft).count() > 3
    for name in ("get_draft", "draft page", "resource files", "resource archive", "integrity"):
        found = statements(lambda name=name: UNCHANGED[name](api, draft))  # type: ignore[misc]  # mypy sees no type in a lambda's default
        assert len(found) == FIGURES[name], f"{name}\n" + "\n".join(found)


def test_the_promised_budgets_are_what_is_committed() -> None:
    assert max(FIGURES["get_draft"], FIGURES["get_draft names"]) <= 2
    assert (FIGURES["save_draft unchanged"], FIGURES["resource save unchanged"]) == (1, 1)
    changed = [FIGURES[name] for name in ("save_draft changed", "resource save changed", "save_draft first")]
    assert max(changed) <= 8


def test_a_link_is_what_get_draft_lists(api: Api, draft_id: str) -> None:
    listed = [path_of(url) for url in api.get(f"{MATE}/get_draft?draft_id={draft_id}").json()["files"]]
    assert listed[0] == link(draft_id, "draft_content.json")
    assert listed[-1] == link(draft_id, "logo.png")
