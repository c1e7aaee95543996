"""Who gets where in the admin: every URL and every action, for every kind of person. A new one needs a row here."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group, User
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from drafts.access import keys
from drafts.access.models import ApiKey, Membership, Workspace
from drafts.access.principal import SCOPES
from drafts.core.models import Blob, DoomedObject, Maintenance
from drafts.models import Draft, DraftEvent, DraftFile, DraftVersion
from tests.harness import ROOT
from tests.support import Api

CHANGES = {"note", "restore", "trash"}
VIEWER = {"staff", "view", "operations"}
ROLES: dict[str, set[str]] = {
    "anonymous": set(),
    "without a group": {"staff"},
    "Viewer": VIEWER,
    "Editor": {*VIEWER, *CHANGES},
    "Operator": {*VIEWER, *CHANGES, "purge", "retry"},
    "superuser": {*VIEWER, *CHANGES, "purge", "retry", "manage", "superuser"},
    # Members of the workspace; the server's own pages are not theirs.
    "viewer of default": {"staff", "view"},
    "editor of default": {"staff", "view", *CHANGES},
    "admin of default": {"staff", "view", *CHANGES, "manage"},
}
# What each URL of the admin demands; those that Django makes for every model follow below.
URLS: dict[str, str] = {
    "index": "staff",
    "app_list": "staff",
    "jsi18n": "staff",
    "password_change": "staff",
    "password_change_done": "staff",
    "view_on_site": "staff",
    "autocomplete": "never",  # no list has a field that asks it
    "login": "anyone",
    "logout": "anyone",
    "auth_user_password_change": "superuser",
    "drafts_draft_compare": "view",
    "drafts_draft_document": "view",
    "drafts_draft_trash": "trash",
    "drafts_draft_untrash": "trash",
    "drafts_draft_purge": "purge",
    "drafts_draft_hold": "purge",
    "drafts_draft_release": "purge",
    "drafts_core_chore_refusals": "operations",
    "drafts_access_apikey_make": "manage",
    "drafts_access_apikey_review": "manage",
    "drafts_access_apikey_rotate": "manage",
    "drafts_access_apikey_revoke": "manage",
    "drafts_access_apikey_revoke_link": "manage",
    "drafts_core_blob_retry": "retry",
    "drafts_core_blob_retry_all": "retry",
    "drafts_draftversion_restore": "restore",
    "drafts_draftversion_copy": "restore",
    "drafts_draftversion_note": "note",
    "drafts_draftversion_hold": "purge",
    "drafts_draftversion_release": "purge",
}
STOCK = {"changelist": "view", "change": "view", "history": "view", "add": "never", "delete": "never"}
FOREIGN = {"auth_user", "auth_group"}  # Django's own, for superusers alone
# Actions of lists, by the permission that they demand.
ACTIONS: dict[str, str] = {
    "delete_selected": "never",
    "move_to_trash": "trash",
    "bring_back": "trash",
    "retry_storing": "retry",
    "download_zip": "view",
    "check_integrity": "view",
}
BUTTONS = {
    "drafts_draft": ["trash", "untrash", "purge", "hold", "release"],
    "drafts_draftversion": ["restore", "copy", "note", "hold", "release"],
}


def patterns(found: Any) -> Iterator[URLPattern]:
    """All of the admin's own, with and without a name."""
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


PATTERNS = list(patterns(admin.site.get_urls()))


GIVEN = {"post": "yes", "note": "x", "name": "x", "reason": "x", "hours": "1", "workspace": "default"}


def right(name: str) -> str:
    """What a URL demands. A name without a row fails."""
    if name in URLS:
        return URLS[name]
    model, _, page = name.rpartition("_")
    assert page in STOCK, f"{name} has no row in URLS"
    if model in FOREIGN or name == "drafts_access_workspace_add":
        return "superuser"
    if model == "drafts_access_membership":
        return "manage"
    found = STOCK[page]
    if found == "view" and model.startswith(("drafts_core", "drafts_access")):
        return "operations" if model.startswith("drafts_core") else "manage"
    return found


@pytest.fixture
def rows(api: Api) -> dict[str, Any]:
    """One row of each model that the admin shows, by what URL names begin with."""
    made = str(api.create()["draft_id"])
    api.put(f"/api/v1/drafts/{made}/files/assets/a.txt", b"a")
    api.save(made)
    DoomedObject.objects.create(key="blobs/up/0")
    Maintenance.objects.create()
    models = (Draft, DraftVersion, DraftFile, DraftEvent, Blob, DoomedObject, Maintenance)
    found = {f"{model._meta.app_label}_{model._meta.model_name}": model._default_manager.first() for model in models}
    other = User.objects.create(username="other", is_staff=True)
    return {
        **found,
        "auth_user": other,
        "auth_group": Group.objects.first(),
        "drafts_access_apikey": keys.make_key(workspace="default", name="n8n", scopes=SCOPES).row,
        "drafts_access_membership": Membership.objects.create(user=other, workspace_id="default"),
        "drafts_access_workspace": Workspace.objects.get(),
    }


def client_of(role: str) -> Client:
    """Somebody of that role, signed in."""
    client = Client()
    if role == "anonymous":
        return client
    user = User.objects.create(username=role, is_staff=True, is_superuser=role == "superuser")
    if role in {"Viewer", "Editor", "Operator"}:
        user.groups.add(Group.objects.get(name=role))
    rank, of, workspace = role.partition(" of ")
    if of:
        Workspace.objects.get_or_create(id=workspace)
        Membership.objects.create(user=user, workspace_id=workspace, role=rank)
    client.force_login(user)
    return client


def address(pattern: URLPattern, rows: dict[str, Any]) -> str:
    """Where the pattern leads, for one of the rows."""
    given = {"app_label": "drafts", "content_type_id": 1, "object_id": 1, "url": "nothing/"}
    names = list(pattern.pattern.regex.groupindex)
    name = str(pattern.name)
    row = next((row for begin, row in rows.items() if name.startswith(f"{begin}_")), None)
    arguments = [str(row.pk) if row is not None else given[each] for each in names]
    return reverse(f"admin:{name}", args=arguments)


def reached(response: Any) -> bool:
    """Whether there was an answer other than a refusal."""
    return not (response.status_code in {403, 405} or response.headers.get("Location", "").startswith("/admin/login/"))


@pytest.mark.parametrize("role", ROLES)
def test_every_url_lets_in_whom_it_should(rows: dict[str, Any], role: str) -> None:
    client = client_of(role)
    for pattern in PATTERNS:
        if pattern.name is None or right(pattern.name) == "anyone":
            continue
        expected = right(pattern.name) in ROLES[role]
        there = address(pattern, rows)
        assert reached(client.get(there)) == expected, f"GET {there}"
    assert reached(client.get("/admin/nothing/")) == (role != "anonymous")


@pytest.mark.parametrize("role", ROLES)
def test_what_one_may_not_do_is_not_done_by_url(rows: dict[str, Any], role: str) -> None:
    client, before = client_of(role), DraftEvent.objects.count()
    for pattern in PATTERNS:
        if pattern.name is None or right(pattern.name) in {*ROLES[role], "anyone", "staff"}:
            continue
        there = address(pattern, rows)
        assert not reached(client.post(there, GIVEN)), there
    assert DraftEvent.objects.count() == before
    assert Draft.objects.filter(deleted_at__isnull=True).count() == 1
    assert ApiKey.objects.get().state == "active"


@pytest.mark.parametrize("rank", Membership.Role.values)
def test_of_another_workspace_members_see_and_change_nothing(rows: dict[str, Any], rank: str) -> None:
    client, before = client_of(f"{rank} of other"), DraftEvent.objects.count()
    rights = ROLES[f"{rank} of default"]
    secrets = [rows["drafts_draft"].pk, rows["drafts_access_apikey"].prefix, "assets/a.txt"]
    for pattern in PATTERNS:
        if pattern.name is None or right(pattern.name) in {"anyone", "staff"}:
            continue
        there = address(pattern, rows)
        named = any(str(row.pk) in there for row in rows.values()) and not pattern.name.endswith("_history")
        for reply in (client.get(there), client.post(there, GIVEN)):
            # Django says of each row that it did not find what id was asked for.
            content = re.sub(r'(?s)<ul class="messagelist">.*?</ul>', "", reply.content.decode())
            assert [secret for secret in secrets if secret in content and secret not in there] == [], there
            assert not named or reply.status_code in {302, 403, 404, 405}, there
            assert reached(reply) <= (right(pattern.name) in rights), there
    assert DraftEvent.objects.count() == before
    assert Draft.objects.filter(deleted_at__isnull=True).count() == 1
    assert ApiKey.objects.get().state == "active"
    assert Membership.objects.exclude(workspace_id="other").get().user == rows["auth_user"]


def test_a_viewer_here_who_edits_elsewhere_is_a_viewer_here(rows: dict[str, Any]) -> None:
    client = client_of("editor of other")
    Membership.objects.create(user=User.objects.get(username="editor of other"), workspace_id="default")
    draft, version = rows["drafts_draft"].pk, rows["drafts_draftversion"].pk
    page = client.get(f"/admin/drafts/draft/{draft}/change/").content.decode()
    assert draft in page
    assert "/trash/" not in page
    assert "/restore/" not in client.get(f"/admin/drafts/draftversion/{version}/change/").content.decode()
    assert client.post(f"/admin/drafts/draft/{draft}/trash/", GIVEN).status_code == 404
    assert client.get(f"/admin/drafts/draftversion/{version}/restore/").status_code == 404
    chosen = {"action": "move_to_trash", "_selected_action": draft, "confirmed": "1"}
    client.post("/admin/drafts/draft/", chosen)
    assert Draft.objects.get().deleted_at is None
    Membership.objects.filter(workspace_id="default").update(role="editor")
    assert "/trash/" in client.get(f"/admin/drafts/draft/{draft}/change/").content.decode()
    client.post("/admin/drafts/draft/", chosen)
    assert Draft.objects.get().deleted_at is not None


@pytest.mark.parametrize("role", ["viewer of default", "admin of default", "Viewer", "superuser"])
def test_the_first_page_leads_to_what_one_may_see(rows: dict[str, Any], role: str) -> None:
    page = client_of(role).get("/admin/").content.decode()
    for model, right in {
        "drafts/draft": "view",
        "drafts/draftversion": "view",
        "drafts_core/blob": "operations",
        "drafts_access/apikey": "manage",
        "drafts_access/membership": "manage",
        "drafts_access/workspace": "manage",
        "auth/user": "superuser",
    }.items():
        assert (f'href="/admin/{model}/"' in page) == (right in ROLES[role]), model


def test_who_manages_one_workspace_and_views_another_reads_the_keys_of_the_one(rows: dict[str, Any]) -> None:
    client = client_of("viewer of default")
    Workspace.objects.create(id="studio")
    keys.make_key(workspace="studio", name="theirs", scopes=SCOPES)
    user = User.objects.get(username="viewer of default")
    Membership.objects.create(user=user, workspace_id="studio", role="admin")
    page = client.get("/admin/drafts_access/apikey/review/").content.decode()
    assert ("theirs" in page, "n8n" in page) == (True, False)
    assert "studio" in client.get("/admin/drafts_access/workspace/").content.decode()
    assert client.get("/admin/drafts_access/workspace/default/change/").status_code == 302
    with override_settings(ACCESS_MODE="keys"):
        assert [key["name"] for key in client.get("/api/v1/keys").json()] == ["theirs"]
        assert [member["workspace"] for member in client.get("/api/v1/members").json()] == ["studio"]
        assert client.get("/api/v1/workspace").json()["id"] == "studio"


def test_an_admin_of_a_workspace_lets_in_and_makes_keys_there_alone(rows: dict[str, Any]) -> None:
    client = client_of("admin of other")
    bob = rows["auth_user"].pk
    for workspace, count in (("default", 0), ("other", 1)):
        client.post("/admin/drafts_access/membership/add/", {"user": bob, "workspace": workspace, "role": "admin"})
        assert Membership.objects.filter(user=bob, role="admin").count() == count
        made = client.post(
            "/admin/drafts_access/apikey/make/", {"name": "x", "workspace": workspace, "scopes": ["drafts:read"]}
        )
        assert ("shown" in made.content.decode()) == bool(count)
        assert ApiKey.objects.filter(workspace_id=workspace, name="x").count() == count


@pytest.mark.parametrize("role", ROLES)
def test_buttons_are_there_for_those_who_may(rows: dict[str, Any], role: str) -> None:
    client, draft, version = client_of(role), rows["drafts_draft"], rows["drafts_draftversion"]
    if "view" not in ROLES[role]:
        return
    seen: dict[str, set[str]] = {}

    def look() -> None:
        for row in (draft, version):
            model = f"drafts_{row._meta.model_name}"
            content = client.get(reverse(f"admin:{model}_change", args=[row.pk])).content.decode()
            names = {name for name in BUTTONS[model] if reverse(f"admin:{model}_{name}", args=[row.pk]) in content}
            seen.setdefault(model, set()).update(names)

    look()
    Draft.objects.update(held=True)
    DraftVersion.objects.update(held=True)
    look()
    Draft.objects.update(held=False, deleted_at=timezone.now())
    look()
    for model, names in BUTTONS.items():
        assert seen[model] == {name for name in names if URLS[f"{model}_{name}"] in ROLES[role]}


@pytest.mark.parametrize("role", ROLES)
def test_actions_are_those_that_one_may_do(rows: dict[str, Any], role: str) -> None:
    client_of(role)
    request = RequestFactory().get("/admin/")
    request.user = AnonymousUser() if role == "anonymous" else User.objects.get(username=role)
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label == "auth":
            continue
        known = {name for _, name, _ in model_admin._get_base_actions()}
        assert known <= set(ACTIONS), f"{known - set(ACTIONS)} of {model.__name__} have no row in ACTIONS"
        may = {name for name in known if ACTIONS[name] in ROLES[role]}
        assert set(model_admin.get_actions(request)) == may, model.__name__


def test_the_groups_are_made_once_on_a_database_that_has_their_permissions(tmp_path: Path) -> None:
    """An upgrade: Django has made the permissions of the release before, and somebody has a group of that name."""
    environment = {**os.environ, "STATE_DIR": str(tmp_path), "DATABASE_URL": "", "SECRET_KEY": "x" * 50}
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    def migrate(*words: str) -> None:
        manage = [sys.executable, "manage.py", "migrate", "-v0", *words]
        subprocess.run(manage, cwd=ROOT, env=environment, check=True, stdin=subprocess.DEVNULL)

    migrate("drafts", "0002")
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute("SELECT 1 FROM auth_permission WHERE codename = 'purge_draft'").fetchall() == [(1,)]
        database.execute("INSERT INTO auth_group (name) VALUES ('Editor')")
    migrate()
    counted = (
        "SELECT auth_group.name, count(permission_id) FROM auth_group "
        "LEFT JOIN auth_group_permissions ON group_id = auth_group.id GROUP BY 1 ORDER BY 1"
    )
    doubled = "SELECT codename, content_type_id FROM auth_permission GROUP BY 1, 2 HAVING count(*) > 1"
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute(counted).fetchall() == [("Editor", 0), ("Operator", 12), ("Viewer", 7)]
        assert database.execute(doubled).fetchall() == []
