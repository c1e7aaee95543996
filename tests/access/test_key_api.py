"""Keys, members and the workspace over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from drafts.access import keys
from drafts.access.models import ApiKey, KeptAnswer, Membership, Workspace
from drafts.access.principal import SCOPES, USUAL_SCOPES
from tests.support import MATE, Api


def header(*scopes: str, workspace: str = "default") -> dict[str, str]:
    """That of a new key."""
    return {"X-API-Key": keys.make_key(workspace=workspace, name="maker", scopes=scopes or SCOPES).token}


def test_a_key_is_made_shown_once_used_rotated_and_revoked(closed: Api) -> None:
    mine = header()
    body = {"name": "n8n", "scopes": ["drafts:read", "drafts:write"], "expires_at": "2036-01-01T00:00:00Z"}
    reply = closed.post("/api/v1/keys", body, **mine)
    made = reply.json()
    assert reply.status_code == 201
    assert reply["Cache-Control"] == "no-store"
    assert (made["name"], made["scopes"], made["state"]) == ("n8n", ["drafts:read", "drafts:write"], "active")
    assert (made["workspace"], made["created_by"], made["expires_at"]) == ("default", "maker", "2036-01-01T00:00:00Z")
    assert closed.post(f"{MATE}/create_draft", {}, **{"X-API-Key": made["key"]}).status_code == 200
    listed = closed.get("/api/v1/keys", **mine).json()
    assert [key["name"] for key in listed] == ["n8n", "maker"]
    assert not any("key" in key for key in listed)
    again = closed.post(f"/api/v1/keys/{made['id']}/rotate", {"overlap_seconds": 60}, **mine).json()
    assert (again["name"], again["scopes"], again["expires_at"]) == ("n8n", made["scopes"], made["expires_at"])
    assert again["prefix"] != made["prefix"]
    old = ApiKey.objects.get(pk=made["id"])
    assert timedelta(seconds=50) < old.expires_at - timezone.now() <= timedelta(seconds=60)
    for token in (made["key"], again["key"]):
        assert closed.get("/api/v1/drafts", **{"X-API-Key": token}).status_code == 200
    assert closed.delete(f"/api/v1/keys/{again['id']}", **mine).status_code == 204
    refused = closed.get("/api/v1/drafts", **{"X-API-Key": again["key"]})
    assert (refused.status_code, refused.json()["detail"]) == (401, "The API key has been revoked")
    assert closed.delete(f"/api/v1/keys/{again['id']}", **mine).status_code == 204
    late = closed.post(f"/api/v1/keys/{again['id']}/rotate", {}, **mine)
    assert (late.status_code, late.json()["detail"]) == (400, "Only a key in force can be rotated")


def test_a_key_without_named_scopes_has_the_usual_ones(closed: Api) -> None:
    made = closed.post("/api/v1/keys", {"name": "n8n"}, **header()).json()
    assert set(made["scopes"]) == USUAL_SCOPES
    assert made["expires_at"] is None


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({}, "name", "name is required"),
        ({"name": ""}, "name", "name must not be empty"),
        ({"name": "  "}, "name", "name must not be empty"),
        ({"name": "a", "scopes": ["drafts:fly"]}, "scopes[0]", None),
        ({"name": "a", "scopes": "drafts:read"}, "scopes", "scopes must be an array"),
        ({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "expires_at is past"),
    ],
)
def test_what_is_wrong_with_a_new_key_is_named(closed: Api, body: Any, field: str, sentence: str | None) -> None:
    mine = header()
    reply = closed.post("/api/v1/keys", body, **mine)
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["field"] == field
    assert sentence is None or reply.json()["detail"] == sentence
    assert ApiKey.objects.count() == 1


def test_nobody_hands_on_more_than_they_have(closed: Api) -> None:
    strong = keys.make_key(workspace="default", name="strong", scopes=SCOPES)
    weak = header("keys:write", "admin:read", "drafts:read")
    refused = closed.post("/api/v1/keys", {"name": "x", "scopes": ["drafts:read", "drafts:write"]}, **weak)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This needs the scope drafts:write")
    refused = closed.post(f"/api/v1/keys/{strong.row.pk}/rotate", {}, **weak)
    assert refused.status_code == 403
    assert ApiKey.objects.get(pk=strong.row.pk).expires_at is None
    assert closed.post("/api/v1/keys", {"name": "x", "scopes": ["drafts:read"]}, **weak).status_code == 201


def test_keys_members_and_usage_of_other_workspaces_are_not_there(closed: Api) -> None:
    Workspace.objects.create(id="other")
    theirs = keys.make_key(workspace="other", name="theirs", scopes=SCOPES).row
    user = User.objects.create(username="bob", is_staff=True)
    Membership.objects.create(workspace_id="other", user=user)
    mine = header()
    assert [key["name"] for key in closed.get("/api/v1/keys", **mine).json()] == ["maker"]
    assert closed.get("/api/v1/members", **mine).json() == []
    for reply in (
        closed.delete(f"/api/v1/keys/{theirs.pk}", **mine),
        closed.post(f"/api/v1/keys/{theirs.pk}/rotate", {}, **mine),
        closed.delete("/api/v1/keys/99999", **mine),
        closed.delete("/api/v1/keys/x", **mine),
        closed.delete(f"/api/v1/keys/{2**80}", **mine),
    ):
        assert (reply.status_code, reply.json()["detail"]) == (404, "There is no such API key")
    theirs.refresh_from_db()
    assert theirs.state == "active"
    closed.post(f"{MATE}/create_draft", {}, **mine)
    found = closed.get("/api/v1/workspace", **header(workspace="other")).json()
    nothing = {"name": "", "max_drafts": None, "max_bytes": None}
    assert found == {"id": "other", "drafts": 0, "bytes": 0, **nothing}
    assert closed.get("/api/v1/workspace", **mine).json()["drafts"] == 1
    [member] = closed.get("/api/v1/members", **header(workspace="other")).json()
    assert member == {"workspace": "other", "username": "bob", "role": "viewer", "last_login": None}


def test_no_answer_with_a_key_is_kept(closed: Api) -> None:
    mine = header()
    made = [
        closed.post("/api/v1/keys", {"name": "n8n"}, **mine, **{"Idempotency-Key": "once"}).json() for _ in range(2)
    ]
    assert made[0]["key"] != made[1]["key"]
    assert KeptAnswer.objects.count() == 0


def test_gen_video_takes_its_key_from_the_body(closed: Api) -> None:
    token = keys.make_key(workspace="default", name="coze", scopes=["drafts:read"])
    with_key = closed.post(f"{MATE}/gen_video", {"draft_url": "x", "apiKey": token.token})
    assert with_key.status_code == 501
    other = {"apiKey": "559a84a5-a9e9-4ade-a26b-e80b732754d6"}
    assert closed.post(f"{MATE}/gen_video", other).json()["detail"] == "The API key is unknown"
    assert closed.post(f"{MATE}/gen_video", {}).status_code == 401
    assert closed.post(f"{MATE}/create_draft", {"apiKey": token.token}).status_code == 401
    refused = closed.post(f"{MATE}/gen_video", {"apiKey": token.token}, **{"X-API-Key": "ck_abcdefgh_" + "x" * 43})
    assert refused.status_code == 401


def test_in_open_mode_keys_are_read_and_not_made(api: Api) -> None:
    assert api.get("/api/v1/keys").json() == []
    refused = api.post("/api/v1/keys", {"name": "n8n"})
    assert (refused.status_code, refused.json()["detail"]) == (403, "This needs the scope keys:write")
