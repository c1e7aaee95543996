"""The resource API: drafts, their lists, their working content, save, copy, trash."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from drafts.api import streaming
from drafts.core.models import Maintenance
from drafts.models import Draft, DraftContent, DraftFile, DraftVersion
from tests.refusals import refused, remains
from tests.support import MEDIA, Api, body_of

DRAFTS = "/api/v1/drafts"
ID = "202611210341125f0c1d2e3a4b5c6d7e"
DRAFT_NAMES = [
    *("id", "name", "draft_url", "width", "height", "fps", "duration", "revision", "head", "state"),
    *("created_at", "updated_at", "deleted_at"),
]
VERSION_NAMES = [
    *(
        "number",
        "revision",
        "author",
        "note",
        "origin",
        "created_at",
        "size",
        "sha256",
        "file_count",
        "state",
        "stored_at",
    ),
]


def make(api: Api, **body: Any) -> dict[str, Any]:
    """A draft made on the resource API."""
    response = api.post(DRAFTS, body)
    assert response.status_code == 201
    return dict(response.json())


def listed(api: Api, query: str = "") -> list[str]:
    """Names of the drafts on one page."""
    response = api.get(f"{DRAFTS}?{query}")
    assert response.status_code == 200, response.content
    return [draft["name"] for draft in response.json()["results"]]


def walk(api: Api, query: str, key: str = "next") -> list[list[str]]:
    """Ids on every page from the first (or, by ``previous``, from the last) on."""
    pages, url = [], f"{DRAFTS}?{query}"
    while url:
        body = api.get(url).json()
        assert list(body) == ["next", "previous", "results"]
        pages.append([draft["id"] for draft in body["results"]])
        last, url = url, body[key]
    return pages if key == "previous" else [*pages, [last]]


def flat(pages: Iterable[list[str]]) -> list[str]:
    """All ids in their order."""
    return list(chain.from_iterable(pages))


def edited(api: Api, draft_id: str, **changes: Any) -> int:
    """Change the working content; returns the new revision."""
    document = {**api.content(draft_id), **changes}
    response = api.put_content(draft_id, document)
    assert response.status_code == 200, response.content
    return int(response.json()["revision"])


def test_a_created_draft_has_exactly_these_names_and_values(api: Api) -> None:
    body = make(api, name=" Holiday ", width=1080, height=1920, fps=25, unknown=1)
    assert list(body) == DRAFT_NAMES
    assert api.get(f"{DRAFTS}/{body['id']}").json() == body
    moments = {name: body.pop(name) for name in ("created_at", "updated_at")}
    assert all(moment.endswith("Z") for moment in moments.values())
    url = f"http://testserver/openapi/capcut-mate/v1/get_draft?draft_id={body['id']}"
    expected = [body["id"], "Holiday", url, 1080, 1920, 25.0, 0, 1, None, "active", None]
    assert list(body.values()) == expected
    assert DraftVersion.objects.count() == 0


def test_a_draft_needs_no_body_and_can_be_spelled_with_hyphens(api: Api) -> None:
    response = api.client.generic("POST", DRAFTS)
    assert response.status_code == 201
    draft_id = response.json()["id"]
    assert (response.json()["width"], response.json()["height"], response.json()["name"]) == (1920, 1080, "")
    assert api.get(f"{DRAFTS}/{draft_id[:8]}-{draft_id[8:]}").json()["id"] == draft_id


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"name": "n" * 201}, "name", "max_length"),
        ({"name": "a\0b"}, "name", "null_characters_not_allowed"),
        ({"name": 5}, "name", "invalid"),
        ({"name": None}, "name", "null"),
        ({"width": 0}, "width", "min_value"),
        ({"height": 32769}, "height", "max_value"),
        ({"fps": 0}, "fps", "min_value"),
        ({"fps": 121}, "fps", "max_value"),
        ({"fps": 29.97}, "fps", "invalid"),
    ],
)
def test_a_bad_field_of_a_new_draft_is_named(api: Api, body: dict[str, Any], field: str, rule: str) -> None:
    before = remains()
    problem = refused(api.post(DRAFTS, body), 400, 1001, rule=rule)
    assert problem["errors"][0]["field"] == field
    assert remains() == before


def test_renaming_counts_as_an_edit_unless_the_name_stays(api: Api) -> None:
    draft = make(api, name="before")
    path = f"{DRAFTS}/{draft['id']}"
    body = api.patch(path, {"name": "之后"}, **{"If-Match": '"r1"'}).json()
    assert (body["name"], body["revision"]) == ("之后", 2)
    assert api.patch(path, {"name": "之后"}).json() == body
    stale = api.patch(path, {"name": "x"}, **{"If-Match": 'W/"r1"'})
    refused(stale, 412, 3001)
    assert stale["ETag"] == '"r2"'
    refused(api.patch(path, {}), 400, 1001, "name is required")
    assert Draft.objects.get().name == "之后"


def test_the_trash_hides_a_draft_from_everything_but_its_own_list(api: Api) -> None:
    draft = make(api, name="old")
    path = f"{DRAFTS}/{draft['id']}"
    assert api.delete(path, **{"If-Match": '"r9"'}).status_code == 412
    gone = api.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert "Content-Length" not in gone.headers
    refused(api.delete(path), 404, 2001, "Draft does not exist")
    for name in ("", "/content", "/files", "/versions", "/versions/1", "/integrity", "/archive.zip", "/files/a.png"):
        refused(api.get(path + name), 404, 2001, "Draft does not exist")
    assert (listed(api), listed(api, "state=trashed"), listed(api, "state=all")) == ([], ["old"], ["old"])
    trashed = api.get(f"{DRAFTS}?state=trashed").json()["results"][0]
    assert trashed["state"] == "trashed"
    assert trashed["deleted_at"] is not None
    back = api.post(f"{path}/untrash")
    assert (back.status_code, back.json()) == (200, draft)
    assert api.post(f"{path}/untrash").json() == draft
    refused(api.post(f"{DRAFTS}/{ID}/untrash"), 404, 2001)


def test_search_finds_parts_of_names_and_beginnings_of_ids(api: Api) -> None:
    first, second = make(api, name="Summer 100%"), make(api, name="夏天_1")
    for query in ("search=summer", "search=100%25", f"search={first['id'][:20]}-{first['id'][20:]}"):
        assert listed(api, query) == ["Summer 100%"], query
    assert listed(api, "search=%E5%A4%8F") == ["夏天_1"]
    assert listed(api, "search=_1") == ["夏天_1"]
    assert listed(api, "search=nothing") == []
    assert second["id"] != first["id"]


def test_filters_by_date_and_size_include_their_lower_end_only(api: Api) -> None:
    small, large = make(api, name="small"), make(api, name="large")
    edited(api, large["id"], padding="x" * 5000)
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    Draft.objects.filter(pk=small["id"]).update(created_at=moment, updated_at=moment)
    assert listed(api, "created_after=2026-05-01T00:00:00Z&created_before=2026-05-01T00:00:01Z") == ["small"]
    assert listed(api, "created_before=2026-05-01T02:00:00%2B02:00") == []
    assert listed(api, "updated_after=2026-05-02") == ["large"]
    assert listed(api, "updated_before=2026-05-02") == ["small"]
    assert listed(api, "size_min=5000") == ["large"]
    assert listed(api, "size_max=5000&size_min=1") == ["small"]


@pytest.mark.parametrize("field", ["created_at", "updated_at", "name", "size"])
def test_every_ordering_goes_both_ways(api: Api, field: str) -> None:
    ids = [make(api, name=name)["id"] for name in ("a", "b", "c")]
    for index, draft_id in enumerate(ids):
        edited(api, draft_id, padding="x" * (index + 1))
    assert listed(api, f"ordering={field}") == ["a", "b", "c"]
    assert listed(api, f"ordering=-{field}") == ["c", "b", "a"]


@pytest.mark.parametrize("ordering", ["name", "-name", "created_at", "-created_at", "size", "-updated_at"])
def test_pages_lose_and_repeat_nothing_even_when_all_are_equal(api: Api, ordering: str) -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    drafts = [
        Draft(id=f"{number:032d}", width=1, height=1, created_at=moment, updated_at=moment) for number in range(23)
    ]
    Draft.objects.bulk_create(drafts)
    DraftContent.objects.bulk_create(DraftContent(draft=draft, size=7, data=b"") for draft in drafts)
    expected = [draft.pk for draft in sorted(drafts, key=lambda draft: draft.pk, reverse=ordering.startswith("-"))]
    *pages, [last] = walk(api, f"ordering={ordering}&page_size=5")
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert flat(pages) == expected
    back = walk(api, last.partition("?")[2], "previous")
    assert flat(reversed(back)) == expected


def test_more_drafts_of_one_name_than_any_offset_are_paged_to_the_end(api: Api) -> None:
    Draft.objects.bulk_create(Draft(id=f"{number:032d}", width=1, height=1) for number in range(1300))
    *pages, _ = walk(api, "ordering=name&page_size=200")
    assert [len(page) for page in pages] == [200] * 6 + [100]
    assert len(set(flat(pages))) == 1300


def test_a_draft_made_between_two_pages_moves_nothing(api: Api) -> None:
    names = [make(api, name=str(number))["name"] for number in range(4)]
    first = api.get(f"{DRAFTS}?page_size=2").json()
    make(api, name="late")
    second = api.get(first["next"]).json()
    assert [draft["name"] for draft in first["results"] + second["results"]] == names[::-1]
    assert second["next"] is None
    assert [draft["name"] for draft in api.get(second["previous"]).json()["results"]] == ["3", "2"]


def cursor(*parts: Any) -> str:
    """A cursor as the server would write it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *[("page_size=0", "page_size"), ("page_size=201", "page_size"), ("page_size=-1", "page_size")],
        *[("page_size=many", "page_size"), ("page_size=" + "9" * 5000, "page_size"), ("page_size=٣", "page_size")],
        *[("ordering=fps", "ordering"), ("ordering=--name", "ordering"), ("ordering=name,size", "ordering")],
        *[("state=lost", "state"), ("search=%00", "search"), ("search=" + "x" * 1001, "search")],
        *[("created_after=yesterday", "created_after"), ("created_before=2026-13-01", "created_before")],
        ("created_after=0001-01-01T00:00:00%2B23:59", "created_after"),
        ("updated_before=9999-12-31T23:59:59-23:59", "updated_before"),
        *[("size_min=-1", "size_min"), ("size_max=9223372036854775808", "size_max"), ("size_min=NaN", "size_min")],
        ("size_min=0.5", "size_min"),
        *[("size_min=1e400", "size_min"), ("size_max=" + "9" * 5000, "size_max"), ("size_min=Infinity", "size_min")],
        *[(f"{name}=", name) for name in ("page_size", "ordering", "state", "created_after", "size_min")],
        *[("cursor=nonsense", "cursor"), ("cursor=%FF%00", "cursor"), ("cursor=" + "A" * 4001, "cursor")],
        (f"cursor={cursor('-created_at', False, 5, ID)}", "cursor"),
        (f"cursor={cursor('-created_at', False, '2026-01-01T00:00:00', ID)}", "cursor"),
        (f"cursor={cursor('-created_at', False, '0001-01-01T00:00:00+23:59', ID)}", "cursor"),
        (f"cursor={cursor('name', False, 'a', ID)}", "cursor"),
        (f"ordering=size&cursor={cursor('size', False, 2**63, ID)}", "cursor"),
        (f"ordering=name&cursor={cursor('name', False, 'a', None)}", "cursor"),
        (f"ordering=name&cursor={cursor('name', 1, 'a', ID)}", "cursor"),
        (f"ordering=name&cursor={cursor('name', False, 'a' + chr(0), ID)}", "cursor"),
        (f"ordering=name&cursor={cursor('name', False, 5, ID)}", "cursor"),
        (f"ordering=name&cursor={cursor('name', False, 'a', 5)}", "cursor"),
        (f"ordering=size&cursor={cursor('size', False, 'large', ID)}", "cursor"),
    ],
)
def test_a_bad_query_names_its_field(api: Api, query: str, field: str) -> None:
    problem = refused(api.get(f"{DRAFTS}?{query}"), 400, 1001)
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    ("rest", "parts"),
    [
        ("versions", ("-number", False, "x", 1)),
        ("versions", ("-number", False, 1, "x")),
        ("events", ("-id", False, "x", 1)),
        ("events", ("-id", False, 1, "x")),
    ],
)
def test_a_cursor_of_another_kind_is_refused(api: Api, rest: str, parts: tuple[Any, ...]) -> None:
    path = f"{DRAFTS}/{make(api)['id']}/{rest}"
    problem = refused(api.get(f"{path}?cursor={cursor(*parts)}"), 400, 1001)
    assert [error["field"] for error in problem["errors"]] == ["cursor"]


def test_texts_may_be_empty(api: Api) -> None:
    make(api, name="one")
    assert listed(api, "search=&cursor=") == ["one"]


@pytest.mark.parametrize("rest", ["content", "versions/1/content"])
def test_a_long_document_goes_in_pieces_and_in_a_slot(api: Api, monkeypatch: pytest.MonkeyPatch, rest: str) -> None:
    draft = api.create()
    document = {**api.content(draft["draft_id"]), "name": "long" * 400_000}
    api.put_content(draft["draft_id"], document)
    api.save(draft["draft_url"])
    path = f"{DRAFTS}/{draft['draft_id']}/{rest}"
    response = api.get(path)
    assert (response.streaming, response.status_code) == (True, 200)
    data = body_of(response)
    assert (json.loads(data), response["Content-Length"]) == (document, str(len(data)))
    assert api.get(path, **{"If-None-Match": response["ETag"]}).status_code == 304
    assert api.client.head(path)["Content-Length"] == str(len(data))
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(streaming._streams, "_free", full)
    assert refused(api.get(path), 503, 3007)["retryable"]
    full.release()
    assert body_of(api.get(path)) == data


def test_content_has_its_revision_as_etag_and_answers_304(api: Api) -> None:
    path = f"{DRAFTS}/{make(api)['id']}/content"
    response = api.get(path)
    assert (response["ETag"], response["Cache-Control"]) == ('"r1"', "no-cache")
    assert response["Content-Type"] == "application/json"
    for tag in ('"r1"', 'W/"r1"', '"r0", "r1"'):
        again = api.get(path, **{"If-None-Match": tag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", '"r1"')
    assert api.client.head(path)["Content-Length"] == str(len(response.content))


def test_put_content_keeps_the_bytes_and_counts_a_revision(api: Api) -> None:
    draft = make(api)
    path = f"{DRAFTS}/{draft['id']}/content"
    document = {**api.content(draft["id"]), "duration": 7_000_000, "own": [1, 1.0, "é", None, 2**64 - 1]}
    data = json.dumps(document, indent=3).encode()
    response = api.put(path, data, "application/json", **{"If-Match": 'W/"r1"'})
    assert (response.status_code, response.json(), response["ETag"]) == (200, {"revision": 2}, '"r2"')
    assert api.get(path).content == data
    assert api.get(f"{DRAFTS}/{draft['id']}").json()["duration"] == 7_000_000


def test_the_same_bytes_change_nothing(api: Api) -> None:
    draft = make(api)
    path = f"{DRAFTS}/{draft['id']}/content"
    before = remains()
    response = api.put(path, api.get(path).content, "application/json", **{"If-Match": "*"})
    assert (response.json(), response["ETag"]) == ({"revision": 1}, '"r1"')
    assert api.get(f"{DRAFTS}/{draft['id']}").json() == draft
    assert remains() == before


def test_put_content_demands_the_revision_that_it_changes(api: Api) -> None:
    draft = make(api)
    path = f"{DRAFTS}/{draft['id']}/content"
    data = api.get(path).content + b" "
    refused(api.put(path, data, "application/json"), 428, 3008, "If-Match is required")
    for tag in ('"r0"', '"r2"', '"1"', "r1", "garbage", '"r99999999999999999999"', '"R1"', "W/"):
        stale = api.put(path, data, "application/json", **{"If-Match": tag})
        refused(stale, 412, 3001, "The draft has changed since")
        assert stale["ETag"] == '"r1"'
    refused(api.put(path, data, "text/plain", **{"If-Match": "*"}), 415, 415)
    assert Draft.objects.get().revision == 1
    assert api.put(path, data, "application/json", **{"If-Match": '"r0", "r1"'}).json() == {"revision": 2}
    assert api.put(path, data + b" ", "application/json", **{"If-Match": "*"}).json() == {"revision": 3}
    refused(api.put(f"{DRAFTS}/{ID}/content", data, "application/json", **{"If-Match": "*"}), 404, 2001)


def test_save_makes_a_version_once_and_says_so_by_its_status(api: Api) -> None:
    draft = make(api)
    path = f"{DRAFTS}/{draft['id']}/save"
    first = api.client.generic("POST", path)
    assert (first.status_code, list(first.json())) == (201, VERSION_NAMES)
    body = first.json()
    names = ("number", "revision", "author", "note", "origin", "file_count")
    assert [body[name] for name in names] == [1, 1, "", "", "save", 0]
    assert (body["state"], body["stored_at"]) == ("pending", None)
    assert body["size"] == len(api.get(f"{DRAFTS}/{draft['id']}/content").content)
    again = api.post(path)
    assert (again.status_code, again.json()) == (200, body)
    noted = api.post(path, {"note": "keep", "author": "Ann"})
    assert (noted.status_code, noted.json()["number"], noted.json()["author"]) == (201, 2, "Ann")
    refused(api.post(path, {}, **{"If-Match": '"r7"'}), 412, 3001)
    assert api.get(f"{DRAFTS}/{draft['id']}").json()["head"] == 2
    refused(api.post(f"{DRAFTS}/{ID}/save"), 404, 2001)


def test_a_copy_has_the_working_state_or_a_version_and_shares_its_files(api: Api) -> None:
    draft = make(api, name="origin")
    image = (MEDIA / "logo.png").read_bytes()
    api.put(f"{DRAFTS}/{draft['id']}/files/assets/images/logo.png", image)
    api.post(f"{DRAFTS}/{draft['id']}/save")
    edited(api, draft["id"], duration=9)
    objects = remains()["objects"]
    working = api.client.generic("POST", f"{DRAFTS}/{draft['id']}/copy")
    assert (working.status_code, working.json()["name"], working.json()["head"]) == (201, "origin (copy)", 1)
    assert (working.json()["duration"], working.json()["revision"]) == (9, 1)
    past = api.post(f"{DRAFTS}/{draft['id']}/copy", {"version": 1, "name": "then"}).json()
    assert (past["name"], past["duration"], past["head"]) == ("then", 0, 1)
    assert remains()["objects"] == objects
    assert (
        DraftFile.objects.filter(draft_id=past["id"]).get().blob
        == DraftFile.objects.filter(draft_id=draft["id"]).get().blob
    )
    before = remains()
    refused(api.post(f"{DRAFTS}/{draft['id']}/copy", {"version": 7}), 404, 1002, "Version 7 does not exist")
    refused(api.post(f"{DRAFTS}/{draft['id']}/copy", {"version": 0}), 400, 1001, rule="min_value")
    refused(api.post(f"{DRAFTS}/{draft['id']}/copy", {"version": 2**31}), 400, 1001, rule="max_value")
    refused(api.post(f"{DRAFTS}/{ID}/copy"), 404, 2001)
    assert remains() == before


def test_integrity_tells_rule_severity_place_and_message(api: Api) -> None:
    draft = make(api)
    path = f"{DRAFTS}/{draft['id']}/integrity"
    assert api.get(path).json() == {"findings": []}
    document = api.content(draft["id"])
    edited(api, draft["id"], tracks=[*document["tracks"], {**document["tracks"][0], "type": "video"}])
    findings = api.get(path).json()["findings"]
    assert {tuple(finding) for finding in findings} == {("rule", "severity", "place", "message")}
    assert {finding["severity"] for finding in findings} <= {"error", "warning", "info"}
    assert any(finding["place"].startswith("/tracks/1") for finding in findings)


def test_in_maintenance_every_write_waits_and_reads_go_on(api: Api) -> None:
    draft = make(api)
    path = f"{DRAFTS}/{draft['id']}"
    Maintenance.objects.create()
    from drafts.core import gate

    gate.state(fresh=True)
    before = remains()
    writes = [
        *[api.post(DRAFTS), api.patch(path, {"name": "x"}), api.delete(path), api.post(f"{path}/untrash")],
        *[api.post(f"{path}/copy"), api.post(f"{path}/save"), api.put(f"{path}/files/a.png", b"x")],
        *[
            api.put_content(draft["id"], b"{}"),
            api.delete(f"{path}/files/a.png"),
            api.post(f"{path}/versions/1/restore"),
        ],
    ]
    for response in writes:
        refused(response, 503, 3007, "Service unavailable")
        assert response["Retry-After"] == "10"
    assert remains() == before
    for name in ("", "/content", "/files", "/versions", "/integrity"):
        assert api.get(path + name).status_code == 200


def test_times_move_only_when_something_changes(api: Api) -> None:
    draft = make(api)
    Draft.objects.update(updated_at=datetime.now(UTC) - timedelta(days=1))
    moment = Draft.objects.get().updated_at
    api.post(f"{DRAFTS}/{draft['id']}/save")
    assert Draft.objects.get().updated_at == moment
    edited(api, draft["id"], duration=5)
    assert Draft.objects.get().updated_at > moment
