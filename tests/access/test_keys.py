"""Keys: how they are made, kept, rotated and ended, and what records say of them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from drafts.access import keys
from drafts.access.caller import current_caller
from drafts.access.models import ApiKey, KeptAnswer, Workspace
from drafts.access.principal import SCOPES, USUAL_SCOPES
from drafts.models import Draft, DraftEvent, DraftVersion
from tests.refusals import refused
from tests.support import MATE, Api

BEARER = re.compile(r"ck_[a-z2-9]{8}_[A-Za-z0-9_-]{43}")


def made(*scopes: str, **named: Any) -> keys.Made:
    """A new key."""
    return keys.make_key(**{"workspace": "default", "name": "n8n", "scopes": scopes or SCOPES, **named})


def test_the_command_shows_the_key_once_and_keeps_its_hash(closed: Api) -> None:
    out, told = StringIO(), StringIO()
    call_command("create_api_key", "Coze", "--days", "30", stdout=out, stderr=told)
    token = out.getvalue().strip()
    assert BEARER.fullmatch(token)
    [row] = ApiKey.objects.all()
    assert f"Coze ({token[:11]}) of workspace default" in told.getvalue()
    assert (row.name, row.prefix, set(row.scopes)) == ("Coze", token[:11], USUAL_SCOPES)
    assert row.created_by == "manage.py create_api_key"
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)
    assert token[12:] not in str(ApiKey.objects.values().get())
    assert closed.get("/api/v1/drafts", **{"X-API-Key": token}).status_code == 200


def test_the_command_refuses_what_there_is_not(closed: Api) -> None:
    with pytest.raises(CommandError, match="There is no workspace nowhere"):
        call_command("create_api_key", "Coze", "--workspace", "nowhere")
    with pytest.raises(CommandError, match="name must not be empty"):
        call_command("create_api_key", " ")
    assert ApiKey.objects.count() == 0


def test_one_header_is_all_that_the_flow_needs(closed: Api) -> None:
    header = {"Authorization": f"Bearer {made().token}"}
    draft = closed.post(f"{MATE}/create_draft", {}, **header).json()
    body = {"draft_url": draft["draft_url"], "captions": '[{"start": 0, "end": 1000000, "text": "a"}]'}
    assert closed.post(f"{MATE}/add_captions", body, **header).json()["code"] == 0
    saved = closed.post(f"{MATE}/save_draft", {"draft_url": draft["draft_url"]}, **header).json()
    assert (saved["code"], saved["version"], saved["draft_url"]) == (0, 1, draft["draft_url"])


def test_records_name_the_key(closed: Api) -> None:
    header = {"X-API-Key": made(name="nightly").token}
    draft_id = closed.post(f"{MATE}/create_draft", {}, **header).json()["draft_id"]
    closed.post(f"/api/v1/drafts/{draft_id}/save", {}, **header)
    closed.post(f"/api/v1/drafts/{draft_id}/save", {"author": "Ann", "note": "x"}, **header)
    assert Draft.objects.get().owner == "nightly"
    assert [version.author for version in DraftVersion.objects.order_by("pk")] == ["nightly", "Ann"]
    assert set(DraftEvent.objects.values_list("actor", flat=True)) == {"nightly"}


def test_a_believed_key_costs_no_query_and_a_revoked_one_is_believed_for_a_second(closed: Api, settings: Any) -> None:
    key = made()
    assert closed.get("/api/v1/drafts", **{"X-API-Key": key.token}).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert closed.get("/api/v1/drafts", **{"X-API-Key": key.token}).status_code == 200
    assert len(captured) == 1
    assert settings.KEY_CACHE_SECONDS == 1
    ApiKey.objects.update(revoked_at=timezone.now())  # by another process
    keys._believed = {
        digest: belief._replace(until=belief.until - settings.KEY_CACHE_SECONDS)
        for digest, belief in keys._believed.items()
    }
    assert closed.get("/api/v1/drafts", **{"X-API-Key": key.token}).status_code == 401


def test_revoking_is_at_once_in_the_process_that_does_it(closed: Api) -> None:
    key = made()
    header = {"X-API-Key": key.token}
    assert closed.get("/api/v1/drafts", **header).status_code == 200
    keys.revoke_key(key.row)
    assert closed.get("/api/v1/drafts", **header).status_code == 401


def test_a_rotated_key_is_good_for_the_overlap(closed: Api) -> None:
    Workspace.objects.create(id="other")
    old = made("drafts:read", workspace="other", name="Coze")
    new = keys.rotate_key(old.row, overlap=timedelta(hours=1))
    assert (new.row.workspace_id, new.row.name, new.row.scopes) == ("other", "Coze", ["drafts:read"])
    assert new.token != old.token
    for key in (old, new):
        assert closed.get("/api/v1/drafts", **{"X-API-Key": key.token}).status_code == 200
    keys._believed.clear()
    ApiKey.objects.filter(pk=old.row.pk).update(expires_at=timezone.now())
    statuses = [closed.get("/api/v1/drafts", **{"X-API-Key": key.token}).status_code for key in (old, new)]
    assert statuses == [401, 200]
    with pytest.raises(Exception, match="Only a key in force can be rotated"):
        keys.rotate_key(ApiKey.objects.get(pk=old.row.pk), overlap=timedelta())


def test_the_last_use_is_written_rarely(closed: Api) -> None:
    key = made()
    closed.get("/api/v1/drafts", **{"X-API-Key": key.token})
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    closed.get("/api/v1/drafts", **{"X-API-Key": key.token})
    assert ApiKey.objects.get().last_used_at == first
    keys._noted.clear()  # another process, which finds it noted
    closed.get("/api/v1/drafts", **{"X-API-Key": key.token})
    assert ApiKey.objects.get().last_used_at == first


def test_answers_are_kept_for_the_key_not_for_the_address(closed: Api) -> None:
    mine, yours = ({"X-API-Key": made().token, "Idempotency-Key": "k1"} for _ in range(2))
    first = closed.post(f"{MATE}/create_draft", {}, **mine)
    far = closed.client.post(f"{MATE}/create_draft", "{}", "application/json", headers=mine, REMOTE_ADDR="10.1.2.3")
    assert (far.content, far["Idempotency-Replayed"]) == (first.content, "true")
    assert closed.post(f"{MATE}/create_draft", {}, **yours).json()["draft_id"] != first.json()["draft_id"]
    assert closed.post(f"{MATE}/create_draft", {}, **{"Idempotency-Key": "k1"}).status_code == 401
    assert KeptAnswer.objects.count() == 2


def test_what_a_key_makes_belongs_to_its_workspace(closed: Api) -> None:
    Workspace.objects.create(id="other")
    header = {"X-API-Key": made(workspace="other").token}
    draft_id = closed.post("/api/v1/drafts", {}, **header).json()["id"]
    copy = closed.post(f"/api/v1/drafts/{draft_id}/copy", {}, **header).json()["id"]
    assert dict(Draft.objects.values_list("pk", "workspace_id")) == {draft_id: "other", copy: "other"}


def test_in_open_mode_any_header_is_ignored_and_other_workspaces_are_not_shown(api: Api) -> None:
    Workspace.objects.create(id="other")
    mine = api.create()["draft_id"]
    theirs = api.create()["draft_id"]
    Draft.objects.filter(pk=theirs).update(workspace_id="other")
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"X-API-Key": "nonsense"}):
        assert [each["id"] for each in api.get("/api/v1/drafts", **header).json()["results"]] == [mine]
        assert api.get(f"{MATE}/get_draft?draft_id={theirs}", **header).status_code == 404


def test_a_proxys_own_password_is_no_key(closed: Api) -> None:
    header = {"Authorization": "Basic YTpi", "X-API-Key": made().token}
    assert closed.get("/api/v1/drafts", **header).status_code == 200
    assert closed.get("/api/v1/drafts", Authorization="Basic YTpi").json()["detail"] == "An API key is required"


def test_what_runs_outside_a_request_reaches_all() -> None:
    assert current_caller().principal.workspaces is None


def test_a_database_that_is_away_is_503_for_who_comes_with_a_key(closed: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("drafts.api.access.principal_of", away)
    problem = refused(closed.get("/api/v1/drafts", **{"X-API-Key": "ck_any"}), 503, 3007)
    assert problem["retryable"]
