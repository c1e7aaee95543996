"""Links: whoever has one reads one draft, and nothing else, until it ends."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from drafts.access import keys
from drafts.access.links import link_token
from drafts.access.principal import SCOPES
from drafts.core.identifiers import parse_draft_url
from drafts.models import Draft, DraftEvent, DraftLink
from tests.support import MATE, Api, body_of, path_of

TOKEN = re.compile(r"g1-[0-9a-f]{28}")
BROWSER = {"Sec-Fetch-Dest": "document"}


@pytest.fixture
def header() -> dict[str, str]:
    """A key of the default workspace."""
    return {"X-API-Key": keys.make_key(workspace="default", name="n8n", scopes=SCOPES).token}


@pytest.fixture
def draft(closed: Api, header: dict[str, str]) -> dict[str, Any]:
    """A saved draft with a file, as create_draft answered."""
    made = dict(closed.post(f"{MATE}/create_draft", {}, **header).json())
    closed.put(f"/api/v1/drafts/{made['draft_id']}/files/assets/a.txt", b"a", **header)
    closed.post(f"{MATE}/save_draft", {"draft_url": made["draft_url"]}, **header)
    return made


def key_in(url: str) -> str:
    """The token of a draft_url."""
    return parse_qs(urlsplit(url).query)["key"][0]


def refusal(reply: Any) -> dict[str, Any]:
    """A refusal without its request id."""
    assert reply.status_code == 404
    return {**reply.json(), "request_id": ""}


def got(reply: Any) -> Any:
    """A reply whose body was taken."""
    if reply.streaming:
        body_of(reply)
    return reply


def test_the_flow_of_an_unchanged_client(closed: Api, draft: dict[str, Any], header: dict[str, str]) -> None:
    """One header makes and edits; the draft_url alone downloads (contract 2.2, 3.1, 3.3, 3.12)."""
    url, draft_id = draft["draft_url"], draft["draft_id"]
    assert TOKEN.fullmatch(key_in(url))
    assert parse_draft_url(url).id == draft_id
    assert closed.post(f"{MATE}/save_draft", {"draft_url": url}, **header).json()["draft_url"] == url
    assert closed.get(f"/api/v1/drafts/{draft_id}", **header).json()["draft_url"] == url
    listed = closed.get(path_of(url)).json()
    assert listed["code"] == 0
    names = []
    for file in listed["files"]:
        assert urlsplit(file).query == ""
        assert urlsplit(file).path.index(draft_id) == file.index(draft_id) - len("http://testserver")
        names.append(file.split(f"/{draft_id}/")[1])
        assert got(closed.get(path_of(file))).status_code == 200
    assert names[0] == "draft_content.json"
    assert names[-1] == "assets/a.txt"
    version = closed.get(f"{path_of(url)}&version=1").json()["files"]
    assert re.search(r"/v1-g1-[0-9a-f]{28}/", version[0])
    assert body_of(closed.get(path_of(version[-1]))) == b"a"
    assert closed.get(f"/v1/get_draft?{urlsplit(url).query}").json()["files"] == names


def test_editing_with_a_draft_url_needs_a_key(closed: Api, draft: dict[str, Any]) -> None:
    before = DraftEvent.objects.count()
    for verb in ("save_draft", "add_captions"):
        body = {"draft_url": draft["draft_url"], "captions": "[]"}
        assert closed.post(f"{MATE}/{verb}", body).status_code == 401
    assert closed.get(f"/api/v1/drafts/{draft['draft_id']}?key={key_in(draft['draft_url'])}").status_code == 401
    assert DraftEvent.objects.count() == before


def test_a_bad_link_is_as_a_draft_that_is_not_there(closed: Api, draft: dict[str, Any], header: dict[str, str]) -> None:
    draft_id = draft["draft_id"]
    other = closed.post(f"{MATE}/create_draft", {}, **header).json()
    good = key_in(draft["draft_url"])
    missing = "20261121014101abcdef1234567890ab"
    nothing = refusal(closed.get(f"{MATE}/get_draft?draft_id={missing}"))
    for token in (None, "", "x", key_in(other["draft_url"]), good[:-1] + "g", good.replace("g1", "g2"), "w-" + good):
        query = "" if token is None else f"&key={token}"
        for path in (f"{MATE}/get_draft", "/v1/get_draft"):
            if token != "w-" + good:  # how it stands in file URLs will do
                assert refusal(closed.get(f"{path}?draft_id={draft_id}{query}")) == nothing
    files = [path_of(file) for file in closed.get(path_of(draft["draft_url"])).json()["files"]]
    for file in files:
        stripped = file.replace(f"/w-{good}/", "/")
        assert closed.get(stripped).status_code == 404
        for token in (key_in(other["draft_url"]), good.replace("g1", "g2"), "l1" + good[2:]):
            assert refusal(closed.get(file.replace(good, token)))["code"] == 1002


def test_a_browser_gets_the_page_by_the_link_alone(closed: Api, draft: dict[str, Any]) -> None:
    page = closed.get(path_of(draft["draft_url"]), **BROWSER)
    text = page.content.decode()
    assert page.status_code == 200
    assert draft["draft_url"].replace("&", "&amp;") in text
    archive = re.search(r'href="([^"]*\.zip)"', text)
    assert archive
    assert got(closed.get(path_of(archive[1]))).status_code == 200
    old = closed.get(f"{path_of(draft['draft_url'])}&version=1", **BROWSER).content.decode()
    assert f"key={key_in(draft['draft_url'])}" in old
    stripped = closed.get(f"{MATE}/get_draft?draft_id={draft['draft_id']}", **BROWSER)
    assert stripped.status_code == 404
    assert draft["draft_id"] not in re.sub(r"draft_id=\w+", "", stripped.content.decode())


def test_revoking_ends_pages_lists_files_and_what_caches_ask(
    closed: Api, draft: dict[str, Any], header: dict[str, str]
) -> None:
    url, links = path_of(draft["draft_url"]), f"/api/v1/drafts/{draft['draft_id']}/links"
    files = [path_of(file) for file in closed.get(url).json()["files"]]
    tags = [got(closed.get(file))["ETag"] for file in files]
    etag = closed.get(url)["ETag"]
    assert closed.get(url, **{"If-None-Match": etag}).status_code == 304
    assert closed.get(files[-1], **{"If-None-Match": tags[-1]}).status_code == 304
    assert closed.delete(f"{links}/standing", **header).status_code == 204
    assert closed.get(url, **{"If-None-Match": etag}).status_code == 404
    for file, tag in zip(files, tags, strict=True):
        assert closed.get(file, **{"If-None-Match": tag}).status_code == 404
        assert closed.get(file, Range="bytes=0-").status_code == 404
    [standing] = closed.get(links, **header).json()
    assert key_in(standing["draft_url"]).startswith("g2-")
    assert closed.get(path_of(standing["draft_url"])).status_code == 200
    assert closed.get(url, **header).status_code == 200  # a key needs no link
    assert DraftEvent.objects.filter(verb="revoke_link").count() == 1


def test_named_links_are_listed_expire_and_are_revoked(
    closed: Api, draft: dict[str, Any], header: dict[str, str]
) -> None:
    links = f"/api/v1/drafts/{draft['draft_id']}/links"
    end = timezone.now() + timedelta(days=1)
    made = closed.post(links, {"name": "Ann", "expires_at": end.isoformat()}, **header)
    assert made.status_code == 201
    link = made.json()
    second = closed.post(links, {"name": "Bob"}, **header).json()
    assert (link["name"], link["state"], link["created_by"]) == ("Ann", "active", "n8n")
    assert [each["name"] for each in closed.get(links, **header).json()] == ["", "Bob", "Ann"]
    files = [path_of(file) for file in closed.get(path_of(link["draft_url"])).json()["files"]]
    assert f"/w-{key_in(link['draft_url'])}/" in files[0]
    assert DraftLink.objects.get(pk=link["id"]).last_used_at is not None
    assert got(closed.get(files[-1])).status_code == 200
    DraftLink.objects.filter(pk=link["id"]).update(expires_at=timezone.now())
    assert [closed.get(each).status_code for each in (path_of(link["draft_url"]), files[-1])] == [404, 404]
    assert closed.get(path_of(second["draft_url"])).status_code == 200
    assert closed.delete(f"{links}/{second['id']}", **header).status_code == 204
    assert closed.get(path_of(second["draft_url"])).status_code == 404
    assert [each["state"] for each in closed.get(links, **header).json()] == ["active", "revoked", "expired"]
    assert closed.get(path_of(draft["draft_url"])).status_code == 200


@pytest.mark.parametrize("body", [{"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "soon"}, {"name": 5}])
def test_a_bad_link_request_names_the_field(
    closed: Api, draft: dict[str, Any], header: dict[str, str], body: dict[str, Any]
) -> None:
    reply = closed.post(f"/api/v1/drafts/{draft['draft_id']}/links", body, **header)
    assert (reply.status_code, [each["field"] for each in reply.json()["errors"]]) == (400, list(body))
    assert DraftLink.objects.count() == 0


@pytest.mark.parametrize("link", ["1", "0", "x", "99999999999999999999", "９"])
def test_revoking_what_there_is_not_is_404(
    closed: Api, draft: dict[str, Any], header: dict[str, str], link: str
) -> None:
    other = closed.post(f"{MATE}/create_draft", {}, **header).json()["draft_id"]
    DraftLink.objects.create(id=1, draft_id=other)
    reply = closed.delete(f"/api/v1/drafts/{draft['draft_id']}/links/{link}", **header)
    assert (reply.status_code, reply.json()["code"]) == (404, 1002)
    assert DraftLink.objects.get().revoked_at is None


def test_links_survive_a_new_secret_key_while_the_old_one_is_a_fallback(
    closed: Api, draft: dict[str, Any], settings: Any
) -> None:
    url = path_of(draft["draft_url"])
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key for tests, long enough too", [old]
    files = closed.get(url).json()["files"]
    assert got(closed.get(path_of(files[0]))).status_code == 200
    assert key_in(draft["draft_url"]) not in files[0]  # made with the new one
    settings.SECRET_KEY_FALLBACKS = []
    assert closed.get(url).status_code == 404


def test_a_link_costs_no_query_more(closed: Api, draft: dict[str, Any], header: dict[str, str]) -> None:
    url = path_of(draft["draft_url"])
    named = path_of(closed.post(f"/api/v1/drafts/{draft['draft_id']}/links", {}, **header).json()["draft_url"])
    closed.get(named)  # notes its use
    for each in (url, named):
        with CaptureQueriesContext(connection) as captured:
            assert closed.get(each).status_code == 200
        assert len(captured) == 1, [query["sql"] for query in captured]
    body = {"draft_url": draft["draft_url"]}
    closed.post(f"{MATE}/save_draft", body, **header)
    with CaptureQueriesContext(connection) as captured:
        assert closed.post(f"{MATE}/save_draft", body, **header).json()["changed"] is False
    assert len(captured) == 1


def test_in_open_mode_a_draft_url_is_bare_and_a_link_from_before_goes_on(api: Api, settings: Any) -> None:
    draft = api.create()
    assert draft["draft_url"].endswith(f"get_draft?draft_id={draft['draft_id']}")
    bare = api.get(path_of(draft["draft_url"])).json()["files"]
    token = link_token(draft["draft_id"], "g1")
    assert api.get(f"{path_of(draft['draft_url'])}&key={token}").json()["files"] == bare
    assert api.get(path_of(bare[0]).replace(bare[0].split("/")[-3], f"w-{token}")).status_code == 200
    settings.ACCESS_MODE = "keys"
    assert api.get(path_of(draft["draft_url"])).status_code == 404
    assert api.get(path_of(bare[0])).status_code == 404


def test_staff_see_the_whole_draft_url(closed: Api, draft: dict[str, Any], admin_client: Client) -> None:
    page = admin_client.get(f"/admin/drafts/draft/{draft['draft_id']}/change/").content.decode()
    assert draft["draft_url"].replace("&", "&amp;") in page


def test_no_refusal_keeps_a_token(closed: Api, draft: dict[str, Any], capfd: Any) -> None:
    Draft.objects.update(link_generation=2)
    closed.get(path_of(draft["draft_url"]))
    assert key_in(draft["draft_url"]) not in capfd.readouterr().err + json.dumps({})
