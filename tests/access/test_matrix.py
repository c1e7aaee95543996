"""Who gets where in the API: every operation, for every kind of caller. A new one needs a row in ``doors.DEMANDS``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from drafts.access import keys
from drafts.access.links import link_token
from drafts.access.models import ApiKey, Membership, Workspace
from drafts.access.principal import SCOPES
from drafts.core.identifiers import file_token
from drafts.models import Draft, DraftEvent
from tests.access.doors import MATE, PUBLIC, Operation, operations
from tests.support import Api, body_of, zip_of

MISSING = "20261121014101abcdef1234567890ab"  # an id of the right shape
NO_DRAFT = 2001
DOCUMENT = (
    b'{"id": "x", "tracks": [], "materials": {}, "duration": 0, "fps": 30.0, '
    b'"canvas_config": {"width": 1920, "height": 1080, "ratio": "original"}}'
)
OPERATIONS = operations()
PROTECTED = [each for each in OPERATIONS if each.demands != PUBLIC]


def key_for(*scopes: str, workspace: str = "default") -> str:
    """A new key."""
    return keys.make_key(workspace=workspace, name="n8n", scopes=scopes or SCOPES).token


def make_draft(workspace: str = "default") -> str:
    """A draft with a file and a version."""
    client = Api(Client(headers={"X-API-Key": key_for(workspace=workspace)}))
    made = str(client.create()["draft_id"])
    client.put(f"/api/v1/drafts/{made}/files/a.txt", b"a")
    assert client.save(made).status_code == 200
    return made


def send(
    client: Client, operation: Operation, draft_id: str, headers: dict[str, str] | None = None, *, link: str = ""
) -> Any:
    """Ask for the operation on the draft, as somebody who makes no mistakes."""
    given = {"draft_id": draft_id, "number": 1, "path": "a.txt", "form": "srt", "key": another_key()}
    given |= {"kind": "masks", "verb": "gen_video", "link": "standing"}
    path = operation.path.format(**given, token=f"w-{link}" if link else file_token(draft_id))
    if operation.path.endswith("get_draft"):
        path += f"?draft_id={draft_id}"
    if link and not operation.path.endswith("{token}"):
        path += f"{'&' if '?' in path else '?'}key={link}"
    body, kind = json.dumps(_body(operation, draft_id)).encode(), "application/json"
    if operation.method == "PUT" and operation.path.endswith("{path}"):
        body, kind, path = b"b", "text/plain", path.replace("a.txt", "b.txt")
    elif operation.path.endswith("/import"):
        body, kind = zip_of({"d/draft_content.json": DOCUMENT}), "application/zip"
    elif operation.method == "PUT":
        body = DOCUMENT
    extra = {"If-Match": "*"} if operation.method == "PUT" else {}
    data = b"" if operation.method == "GET" else body
    ask: Callable[..., Any] = client.generic
    reply = ask(operation.method, path, data, kind, headers={**extra, **(headers or {})})
    if reply.streaming:
        body_of(reply)
    return reply


def _body(operation: Operation, draft_id: str) -> Any:
    example = dict(operation.example)
    if "draft_url" in example:
        example["draft_url"] = f"http://testserver{MATE}/get_draft?draft_id={draft_id}"
    if "version" in example:
        example["version"] = 1
    return example


def another_key() -> int:
    """One that operations on keys may use up."""
    return keys.make_key(workspace="default", name="another", scopes=["drafts:read"]).row.pk


def changed() -> Any:
    """What tells whether anything was done."""
    used = ApiKey.objects.exclude(name="another", revoked_at=None, expires_at=None).exclude(name__in=["n8n", "another"])
    ended = ApiKey.objects.filter(name="another").exclude(revoked_at=None, expires_at=None)
    return DraftEvent.objects.count(), Draft.objects.count(), used.count(), ended.count()


KEYS_REFUSED = {
    "no key": (None, "An API key is required", ""),
    "a wrong key": ("ck_abcdefgh_" + "x" * 43, "The API key is unknown", "invalid_token"),
    "no key of ours": ("559a84a5-a9e9-4ade-a26b-e80b732754d6", "The API key is unknown", "invalid_token"),
    "a wrong secret": ("secret", "The API key is unknown", "invalid_token"),
    "an expired key": ("expired", "The API key has expired", "invalid_token"),
    "a revoked key": ("revoked", "The API key has been revoked", "invalid_token"),
}


@pytest.mark.parametrize("kind", KEYS_REFUSED)
def test_without_a_key_in_force_nothing_is_told_and_nothing_done(closed: Api, kind: str) -> None:
    what, sentence, error = KEYS_REFUSED[kind]
    draft_id, made = make_draft(), keys.make_key(workspace="default", name="n8n", scopes=SCOPES)
    token = what
    if what == "secret":
        token = made.token[:-1] + ("A" if made.token[-1] != "A" else "B")
    elif what == "expired":
        made.row.expires_at = timezone.now() - timedelta(seconds=1)
        made.row.save()
        token = made.token
    elif what == "revoked":
        keys.revoke_key(made.row)
        token = made.token
    before = changed()
    for operation in PROTECTED:
        for headers in ({"X-API-Key": token}, {"Authorization": f"Bearer {token}"}) if token else ({},):
            reply = send(closed.client, operation, draft_id, headers)
            if operation.by_link and not token:  # as if there were no such draft
                assert told(reply, draft_id) == told(send(closed.client, operation, MISSING), MISSING)
                assert (reply.status_code, reply.json()["code"]) == (404, NO_DRAFT), operation.name
                continue
            assert (reply.status_code, reply.json()["code"]) == (401, 1004), operation.name
            assert reply.json()["detail"] == sentence
            challenge = f'error="{error}", ' if error else ""
            assert reply["WWW-Authenticate"] == f'Bearer realm="drafts", {challenge}error_description="{sentence}"'
    assert changed() == before


def test_what_is_public_needs_no_key(closed: Api) -> None:
    for operation in OPERATIONS:
        if operation.demands == PUBLIC:
            assert send(closed.client, operation, MISSING).status_code == 200, operation.name


def test_a_key_without_the_scope_is_told_which(closed: Api) -> None:
    draft_id = make_draft()
    before = changed()
    for operation in PROTECTED:
        others = key_for(*(set(SCOPES) - {operation.demands}))
        reply = send(closed.client, operation, draft_id, {"X-API-Key": others})
        assert (reply.status_code, reply.json()["code"]) == (403, 1003), operation.name
        assert reply.json()["detail"] == f"This needs the scope {operation.demands}"
        assert f'error="insufficient_scope", scope="{operation.demands}"' in reply["WWW-Authenticate"]
    assert changed() == before


def test_a_key_with_the_scope_is_let_in(closed: Api) -> None:
    draft_id = make_draft()
    for operation in PROTECTED:
        right = key_for(operation.demands)
        reply = send(closed.client, operation, draft_id, {"Authorization": f"bearer {right}"})
        if operation.method != "GET":
            draft_id = make_draft()
        grants = operation.demands == "keys:write" and operation.method == "POST"  # no more than one has
        assert reply.status_code != 401, (operation.name, reply.content)
        assert (reply.status_code == 403) == grants, (operation.name, reply.content)
        assert reply.status_code != 404 or reply.json()["code"] != NO_DRAFT, (operation.name, reply.content)


def test_a_key_of_another_workspace_learns_nothing_of_a_draft(closed: Api) -> None:
    Workspace.objects.create(id="other")
    draft_id, stranger = make_draft(), {"X-API-Key": key_for(workspace="other")}
    before = changed()
    for operation in PROTECTED:
        if operation.of_a_draft:
            there, nowhere = (send(closed.client, operation, each, stranger) for each in (draft_id, MISSING))
            assert there.status_code == 404, operation.name
            assert told(there, draft_id) == told(nowhere, MISSING), operation.name
    assert changed() == before
    for question in ("", f"?search={draft_id}", f"?search={draft_id[:10]}", "?state=all"):
        assert closed.get(f"/api/v1/drafts{question}", **stranger).json()["results"] == []
    copied = closed.get("/api/v1/drafts", **{"X-API-Key": key_for("drafts:read")}).json()["results"]
    assert [draft["id"] for draft in copied] == [draft_id]


def told(reply: Any, draft_id: str) -> Any:
    """A refusal without what differs from request to request."""
    body = dict(reply.json(), request_id="")
    return json.loads(json.dumps(body).replace(draft_id, "ID"))


def signed_in(name: str) -> Client:
    """A browser of staff; ``editor of other`` is a member."""
    client = Client()
    user = User.objects.create(username=name, is_staff=name != "customer", is_superuser=name == "superuser")
    role, of, workspace = name.partition(" of ")
    if of:
        Workspace.objects.get_or_create(id=workspace)
        Membership.objects.create(user=user, workspace_id=workspace, role=role)
    if name in {"Viewer", "Editor", "Operator"}:
        user.groups.add(Group.objects.get(name=name))
    client.force_login(user)
    return client


NOBODIES = {"without a group", "customer"}
MANAGERS = {"superuser", "admin of default", "admin of other"}


@pytest.mark.parametrize(
    "role",
    [
        *("superuser", "Viewer", "Operator", *sorted(NOBODIES)),
        *(f"{role} of {workspace}" for role in Membership.Role.values for workspace in ("default", "other")),
    ],
)
def test_people_who_are_signed_in_may_read(closed: Api, role: str) -> None:
    client, draft_id = signed_in(role), make_draft()
    before = changed()
    for operation in PROTECTED:
        reply = send(client, operation, draft_id)
        if operation.method != "GET" or role in NOBODIES:
            assert reply.status_code == (404 if operation.by_link else 401), (operation.name, reply.content)
        elif operation.demands == "admin:read" and role not in MANAGERS:
            assert reply.status_code == 403, operation.name
        elif operation.of_a_draft and role.endswith("other"):
            assert told(reply, draft_id) == told(send(client, operation, MISSING), MISSING), operation.name
            assert reply.status_code == 404, operation.name
        else:
            assert reply.status_code not in {401, 403}, (operation.name, reply.content)
            assert reply.status_code != 404 or reply.json()["code"] != NO_DRAFT, (operation.name, reply.content)
    assert changed() == before
    if role.endswith("other"):
        assert client.get("/api/v1/drafts?state=all").json()["results"] == []


@pytest.mark.parametrize("state", ["in force", "revoked"])
def test_who_has_a_link_reads_that_draft_and_does_nothing_else(closed: Api, state: str) -> None:
    draft_id, other = make_draft(), make_draft()
    token = link_token(draft_id, "g1")
    if state == "revoked":
        Draft.objects.update(link_generation=2)
    before = changed()
    for operation in PROTECTED:
        for draft in (draft_id, other):
            reply = send(closed.client, operation, draft, link=token)
            if not operation.by_link:
                assert reply.status_code == 401, operation.name
            elif draft == draft_id and state == "in force":
                assert reply.status_code == 200, operation.name
            else:
                assert reply.status_code == 404, operation.name
    assert changed() == before
