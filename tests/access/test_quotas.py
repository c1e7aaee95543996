"""Quotas: exact, also when many come at once; what counts, and what a refusal leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from django.db import connections, transaction
from django.test import Client

from drafts.access import keys
from drafts.access.models import Workspace
from drafts.access.principal import SCOPES
from drafts.models import Draft, DraftEvent, DraftFile, DraftVersion
from drafts.selectors.usage import used
from drafts.services import quotas
from drafts.services.drafts import create_draft
from tests.support import MATE, Api, zip_of

ME = "default"


def allow(drafts: int | None = None, size: int | None = None) -> None:
    """Quotas of the default workspace, known at once."""
    Workspace.objects.update_or_create(pk=ME, defaults={"max_drafts": drafts, "max_bytes": size})
    quotas.forget()


def caption(api: Api, draft_url: str, text: str = "a") -> Any:
    """One more caption."""
    captions = f'[{{"start": 0, "end": 1000000, "text": "{text}"}}]'
    return api.post(f"{MATE}/add_captions", {"draft_url": draft_url, "captions": captions})


def refused(reply: Any) -> str:
    """The sentence of a breach."""
    assert (reply.status_code, reply.json()["code"], reply.json()["retryable"]) == (403, 3013, False)
    return str(reply.json()["detail"])


def test_no_draft_more_than_the_quota(api: Api) -> None:
    allow(drafts=2)
    first = str(api.create()["draft_id"])
    api.create()
    events = DraftEvent.objects.count()
    told = "The workspace default may hold 2 drafts; with this one it would hold 3"
    assert refused(api.post(f"{MATE}/create_draft", {})) == told
    assert refused(api.post("/api/v1/drafts", {})) == told
    assert refused(api.post(f"/api/v1/drafts/{first}/copy", {})) == told
    assert (Draft.objects.count(), DraftEvent.objects.count()) == (2, events)
    assert api.save(first).status_code == 200
    api.delete(f"/api/v1/drafts/{first}")
    assert refused(api.post(f"{MATE}/create_draft", {})) == told  # the trash counts
    Draft.objects.filter(pk=first).update(purged_at=Draft.objects.get(pk=first).deleted_at)
    assert api.post(f"{MATE}/create_draft", {}).status_code == 200
    allow(drafts=None)
    assert api.post(f"{MATE}/create_draft", {}).status_code == 200


def test_what_counts_as_bytes(api: Api) -> None:
    allow(size=10**9)
    draft_id = str(api.create()["draft_id"])
    document = Draft.objects.get().content.size
    assert used(ME) == (1, document)
    api.put(f"/api/v1/drafts/{draft_id}/files/assets/a.png", b"x" * 1000)
    assert used(ME) == (1, document + 1000)
    api.save(draft_id)
    assert used(ME) == (1, 2 * document + 1000)
    api.save(draft_id)
    assert used(ME) == (1, 2 * document + 1000)
    api.delete(f"/api/v1/drafts/{draft_id}/files/assets/a.png")  # the version has it
    assert used(ME) == (1, 2 * document + 1000)
    api.post(f"/api/v1/drafts/{draft_id}/copy", {"version": 1})
    assert used(ME) == (2, 4 * document + 2000)
    assert api.get("/api/v1/workspace").json() == {
        "id": "default",
        "name": "",
        "drafts": 2,
        "bytes": 4 * document + 2000,
        "max_drafts": None,
        "max_bytes": 10**9,
    }


def test_every_way_to_grow_meets_the_quota_and_leaves_nothing(api: Api) -> None:
    made = api.create()
    draft_id, url = str(made["draft_id"]), str(made["draft_url"])
    api.put(f"/api/v1/drafts/{draft_id}/files/assets/a.png", b"x" * 1000)
    api.save(draft_id)
    caption(api, url)
    size = used(ME)[1]
    allow(size=size + 10)
    content = api.get(f"/api/v1/drafts/{draft_id}/content").content
    bigger = content.replace(b'"version"', b'"padding": "' + b"x" * 100 + b'", "version"', 1)
    before = state()
    document = api.get(f"/api/v1/drafts/{draft_id}/content").content
    for name, ask in {
        "upload": lambda: api.put(f"/api/v1/drafts/{draft_id}/files/assets/b.png", b"y" * 11),
        "save": lambda: api.save(draft_id),
        "save, the other surface": lambda: api.post(f"{MATE}/save_draft", {"draft_url": url}),
        "restore": lambda: api.post(f"/api/v1/drafts/{draft_id}/versions/1/restore", {}),
        "copy": lambda: api.post(f"/api/v1/drafts/{draft_id}/copy", {}),
        "create": lambda: api.post(f"{MATE}/create_draft", {}),
        "edit": lambda: caption(api, url, "b"),
        "document": lambda: api.put_content(draft_id, bigger),
        "import": lambda: api.client.post(
            "/api/v1/drafts/import", zip_of({"d/draft_content.json": document}), "application/zip"
        ),
    }.items():
        assert refused(ask()).startswith(f"The workspace default may hold {size + 10} bytes; with this it would"), name
        assert state() == before, name
    # What fits goes in, and what takes away is never refused.
    assert api.put(f"/api/v1/drafts/{draft_id}/files/assets/b.png", b"y" * 10).status_code == 201
    assert api.delete(f"/api/v1/drafts/{draft_id}/files/assets/b.png").status_code == 204
    assert api.delete(f"/api/v1/drafts/{draft_id}").status_code == 204
    assert used(ME) == (1, size)


def test_a_dry_run_grows_nothing(api: Api) -> None:
    draft_id = str(api.create()["draft_id"])
    allow(drafts=1, size=used(ME)[1])
    canvas = {"op": "change_canvas", "width": 640, "height": 720}
    tried = api.post(f"/api/v1/drafts/{draft_id}/edits?dry_run=true", {"operations": [canvas]})
    assert (tried.status_code, Draft.objects.get().revision) == (200, 1)
    assert Workspace.objects.get(pk=ME).grown_bytes == 0


def test_a_count_that_was_undone_is_made_again(live_api: Api) -> None:
    live_api.create()
    allow(drafts=2)
    with suppress(ZeroDivisionError), transaction.atomic():
        create_draft(width=640, height=360)
        raise ZeroDivisionError
    assert live_api.post(f"{MATE}/create_draft", {}).status_code == 200
    assert "may hold 2 drafts" in refused(live_api.post(f"{MATE}/create_draft", {}))


def state() -> Any:
    """What a refusal must not change."""
    return (
        *(model.objects.count() for model in (Draft, DraftVersion, DraftFile, DraftEvent)),
        list(Draft.objects.values_list("pk", "revision", "head_id")),
        used(ME),
        list(Workspace.objects.values_list("grown_drafts", "grown_bytes")),
    )


def test_the_settings_are_the_quota_of_workspaces_without_one(api: Api, settings: Any) -> None:
    settings.QUOTA_DRAFTS = 1
    quotas.forget()
    api.create()
    assert "may hold 1 drafts" in refused(api.post(f"{MATE}/create_draft", {}))
    allow(drafts=2)
    assert api.post(f"{MATE}/create_draft", {}).status_code == 200
    assert "may hold 2 drafts" in refused(api.post(f"{MATE}/create_draft", {}))


def test_one_workspace_does_not_use_up_another(closed: Api) -> None:
    Workspace.objects.create(id="small", max_drafts=1)
    small, other = (keys.make_key(workspace=each, name="n8n", scopes=SCOPES).token for each in ("small", ME))
    assert closed.post(f"{MATE}/create_draft", {}, **{"X-API-Key": small}).status_code == 200
    assert closed.post(f"{MATE}/create_draft", {}, **{"X-API-Key": other}).status_code == 200
    assert "workspace small" in refused(closed.post(f"{MATE}/create_draft", {}, **{"X-API-Key": small}))


def test_of_many_at_once_exactly_so_many_get_in(live_api: Api) -> None:
    allow(drafts=7)

    def create(_: int) -> int:
        try:
            client = Client(raise_request_exception=False)
            return client.post(f"{MATE}/create_draft", {}, "application/json").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(create, range(24)))
    assert sorted(found) == [200] * 7 + [403] * 17
    assert Draft.objects.count() == 7


def test_of_many_uploads_at_once_no_byte_too_many_gets_in(live_api: Api) -> None:
    draft_ids = [str(live_api.create()["draft_id"]) for _ in range(4)]
    room = used(ME)[1] + 5_500
    allow(size=room)

    def put(number: int) -> int:
        try:
            client = Client(raise_request_exception=False)
            path = f"/api/v1/drafts/{draft_ids[number % 4]}/files/assets/{number}.png"
            return client.put(path, bytes([number]) * 1000, "image/png").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(put, range(20)))
    assert sorted(found) == [201] * 5 + [403] * 15
    assert used(ME)[1] == room - 500
    assert DraftFile.objects.count() == 5
    workspace = Workspace.objects.get(pk=ME)
    assert workspace.counted_bytes + workspace.grown_bytes >= used(ME)[1]


def test_without_a_quota_nothing_is_counted(api: Api) -> None:
    draft_id = str(api.create()["draft_id"])
    api.save(draft_id)
    assert list(Workspace.objects.values_list("counted_drafts", "grown_drafts", "grown_bytes")) == [(0, 0, 0)]
