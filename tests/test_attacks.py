"""What an attacker would try, as far as no other file has it.

Elsewhere: JSON that cannot be kept, oversized bodies and paths that leave their folder (test_bad_input), hostile ZIPs
(test_bad_archives), bodies that lie about their length or come slowly (test_transport, test_overload), addresses
inside behind a URL (test_outbound), pictures with too many pixels and films with too many frames (test_probe,
test_media), tampered links (test_files), guessed passwords and redirects after a login (test_login), forwarded headers
and uploads that would run (test_hardening), markup in names (test_admin, test_draft_page), rights (test_permissions).
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from django.forms.models import model_to_dict

from drafts.core.identifiers import canonical_id, file_token
from drafts.models import Draft, DraftVersion
from tests.support import MATE, SAMPLES, Api, body_of
from tests.test_transport import answer, head, web
from tests.web import Web

__all__ = ["web"]

DRAFTS = "/api/v1/drafts"


@pytest.fixture
def two(api: Api) -> tuple[str, str]:
    """Two drafts of which only the first has a file and a version."""
    mine, other = (str(api.create()["draft_id"]) for _ in range(2))
    api.put(f"{DRAFTS}/{mine}/files/assets/secret.txt", b"secret")
    assert api.post(f"{DRAFTS}/{mine}/save").status_code == 201
    return mine, other


def test_ids_cannot_be_counted_on(api: Api) -> None:
    ids = [str(api.create()["draft_id"]) for _ in range(50)]
    assert all(canonical_id(each) == each and len(each) == 32 for each in ids)
    tails = [int(each[14:], 16) for each in ids]
    assert len(set(tails)) == 50
    assert min(abs(a - b) for a, b in pairwise(tails)) > 2**40  # 72 random bits


def test_a_wrong_id_and_one_in_the_trash_and_one_that_never_was_look_alike_to_whoever_guesses(api: Api) -> None:
    gone = str(api.create()["draft_id"])
    api.delete(f"{DRAFTS}/{gone}")
    never = "20261121014101" + "0" * 18
    for path in (f"{DRAFTS}/{{}}", f"{DRAFTS}/{{}}/files", f"{MATE}/files/{file_token(never)}/{{}}/draft_content.json"):
        found = [api.get(path.format(each)) for each in (gone, never)]
        assert [reply.status_code for reply in found] == [404, 404]


@pytest.mark.parametrize(
    "path",
    [
        *("files/assets/secret.txt", "versions/1", "versions/1/content", "versions/1/files", "versions/1/archive.zip"),
        *("versions/1/files/assets/secret.txt", "versions/1/timeline", "versions/1/timeline.svg"),
        *("versions/1/subtitles.srt", "versions/compare?from=1&to=working", "thumbnails/assets/secret.txt"),
    ],
)
def test_what_belongs_to_one_draft_is_not_under_another(api: Api, two: tuple[str, str], path: str) -> None:
    mine, other = two
    assert api.get(f"{DRAFTS}/{other}/{path}").status_code == 404
    if "thumbnails" not in path:
        found = api.get(f"{DRAFTS}/{mine}/{path}")
        body_of(found)
        assert found.status_code == 200


def test_nothing_of_one_draft_is_changed_through_another(api: Api, two: tuple[str, str]) -> None:
    _, other = two
    before = [model_to_dict(row) for row in (*Draft.objects.order_by("pk"), *DraftVersion.objects.all())]
    calls = [
        api.post(f"{DRAFTS}/{other}/versions/1/restore"),
        api.patch(f"{DRAFTS}/{other}/versions/1", {"note": "x"}),
        api.delete(f"{DRAFTS}/{other}/files/assets/secret.txt"),
        api.post(f"{DRAFTS}/{other}/copy", {"version": 1}),
    ]
    assert [reply.status_code for reply in calls] == [404] * 4
    assert [model_to_dict(row) for row in (*Draft.objects.order_by("pk"), *DraftVersion.objects.all())] == before


FORBIDDEN = {
    "id": "9" * 32,
    "revision": 99,
    "head": 7,
    "state": "trashed",
    "deleted_at": "2026-01-01T00:00:00Z",
    "purged_at": "2026-01-01T00:00:00Z",
    "created_at": "2000-01-01T00:00:00Z",
    "held": True,
    "workspace": "elsewhere",
    "workspace_id": 99,
    "content": {"sha256": "0" * 64},
    "is_staff": True,
}


def test_fields_that_are_not_the_caller_s_are_not_set(api: Api) -> None:
    made = api.post(DRAFTS, {"name": "mine", **FORBIDDEN})
    api.post(f"{MATE}/create_draft", {**FORBIDDEN})
    assert made.status_code in {201, 400}
    draft = api.create()["draft_id"]
    fields = set(model_to_dict(Draft.objects.get(pk=draft))) - {"name", "revision"}
    before = model_to_dict(Draft.objects.get(pk=draft), fields)
    api.patch(f"{DRAFTS}/{draft}", {"name": "new", **FORBIDDEN})
    api.post(f"{DRAFTS}/{draft}/save", {"note": "n", "number": 40, "origin": "restore", **FORBIDDEN})
    after = Draft.objects.select_related("head").get(pk=draft)
    changed = {name for name in before if before[name] != model_to_dict(after)[name]}
    assert changed <= {"head", "updated_at"}
    assert after.revision <= 3
    assert not Draft.objects.filter(pk="9" * 32).exists()
    assert not Draft.objects.filter(deleted_at__isnull=False).exists()
    assert [row.number for row in DraftVersion.objects.all()] in ([], [1])


def test_a_method_cannot_be_smuggled(api: Api, two: tuple[str, str]) -> None:
    mine, _ = two
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert api.post(f"{DRAFTS}/{mine}", {}, **{name: "DELETE"}).status_code == 405
        assert api.get(f"{DRAFTS}/{mine}", **{name: "DELETE"}).status_code == 200
    assert api.post(f"{DRAFTS}/{mine}?_method=DELETE", {"_method": "DELETE"}).status_code == 405
    assert Draft.objects.get(pk=mine).deleted_at is None


def test_headers_of_proxies_and_tenants_lead_nowhere(api: Api, two: tuple[str, str]) -> None:
    mine, other = two
    plain = api.get(f"{DRAFTS}/{other}").json()
    smuggled = {"X-Original-URL": f"/api/v1/drafts/{mine}", "X-Rewrite-URL": f"/api/v1/drafts/{mine}"}
    smuggled |= {"X-Workspace": "elsewhere", "X-Workspace-ID": "99", "X-Tenant": "elsewhere", "X-User": "admin"}
    smuggled |= {"Remote-User": "admin", "X-Forwarded-User": "admin", "X-Forwarded-Host": "evil.example"}
    smuggled |= {"Forwarded": "host=evil.example;proto=https", "X-Forwarded-Server": "evil.example"}
    assert api.get(f"{DRAFTS}/{other}", **smuggled).json() == plain
    assert api.get("/admin/", **smuggled).status_code == 302
    assert "evil.example" not in api.get("/", **smuggled).content.decode()


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "testserver@evil.example", "testserver.evil.example", "evil.example#testserver"),
        *("testserver:80@evil.example", "testserver\tevil.example", "[::1]evil", "127.0.0.1.evil.example", ".", "*"),
    ],
)
def test_a_host_that_is_not_ours_is_in_no_link(api: Api, host: str) -> None:
    reply = api.get("/", Host=host)
    assert reply.status_code == 400
    assert reply["Content-Type"] == "application/problem+json"
    assert "evil" not in reply.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        *("//evil.example/", "//evil.example/admin", "/\\evil.example", "/%2f%2fevil.example", "/.//evil.example"),
        *(
            "/admin//evil.example",
            "/admin/https://evil.example/",
            "/static//evil.example",
            "/api/v1/drafts//evil.example",
        ),
        *("/?next=https://evil.example", "/admin/login?next=//evil.example", "/admin/logout?next=//evil.example"),
    ],
)
def test_no_path_leads_to_another_site(api: Api, path: str) -> None:
    reply = api.get(path)
    there = reply.get("Location", "")
    assert reply.status_code in {200, 302, 404, 405}
    assert there == "" or (there.startswith("/admin/login/?next=/admin"))


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2f..%2fetc/passwd", "/static//etc/passwd"),
        *("/static/drafts/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/static/\\..\\..\\manage.py", "/static/%00"),
        *(
            "/../etc/passwd",
            "/api/v1/drafts/../../etc/passwd",
            "/admin/..%2f..%2fetc/passwd",
            "/.env",
            "/var/secret_key",
        ),
    ],
)
def test_no_path_leads_out_of_the_server_s_own(api: Api, path: str) -> None:
    reply = api.get(path)
    text = body_of(reply).decode(errors="replace")
    assert reply.status_code in {302, 400, 404}
    assert "root:" not in text
    assert "DJANGO_SETTINGS_MODULE" not in text


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=1", 'a"; filename="evil.html', "a\nb", "\u2028x", "../../x", "‮gpj.exe"]
)
def test_a_name_stays_inside_its_header(api: Api, name: str) -> None:
    made = api.post(DRAFTS, {"name": name})
    if made.status_code == 400:
        return
    reply = api.get(f"{DRAFTS}/{made.json()['id']}/archive.zip")
    told = reply["Content-Disposition"]
    body_of(reply)
    assert not reply.cookies
    assert "\r" not in told
    assert "\n" not in told
    assert told.count('"') == 2
    assert "/" not in told


class Listener:
    """A port inside that nobody may call; ``called`` counts who does."""

    def __init__(self) -> None:
        self.called = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.called += 1
            connection.close()

    def close(self) -> None:
        """Stop."""
        self._socket.close()


@pytest.fixture
def inside() -> Iterator[Listener]:
    """Something that listens inside."""
    with closing(Listener()) as listener:
        yield listener


ITEM = {"start": 0, "end": 1_000_000, "width": 10, "height": 10, "duration": 1_000_000}
LISTS = {
    "add_videos": ("video_infos", "video_url"),
    "add_audios": ("audio_infos", "audio_url"),
    "add_images": ("image_infos", "image_url"),
}


@pytest.mark.parametrize("media", ["store", "link"])
def test_no_field_makes_the_server_call_inside(api: Api, inside: Listener, settings: Any, media: str) -> None:
    settings.MEDIA_MODE = media
    draft = api.create()
    addresses = [f"http://127.0.0.1:{inside.port}/", f"http://localhost:{inside.port}/", f"http://[::1]:{inside.port}/"]
    addresses += [f"http://0x7f000001:{inside.port}/", f"http://2130706433:{inside.port}/", f"http://0:{inside.port}/"]
    addresses += [
        f"http://127.0.0.1.:{inside.port}/",
        f"gopher://127.0.0.1:{inside.port}/",
        "file://127.0.0.1/etc/passwd",
    ]
    for url in addresses:
        for verb, (infos, field) in LISTS.items():
            api.post(f"{MATE}/{verb}", {"draft_url": draft["draft_url"], infos: json.dumps([{field: url, **ITEM}])})
        for verb in ("get_audio_duration", "audio_timelines", "video_infos", "get_url", "audio_infos", "imgs_infos"):
            fields = {"mp3_url": url, "links": [url], "url": url, "output": url, "mp3_urls": [url]}
            fields |= {"video_urls": [url], "imgs": [url]}
            api.post(f"{MATE}/{verb}", fields)
        easy = {"audio_url": url, "img_url": url, "video_url": url, "text": "x"}
        api.post(f"{MATE}/easy_create_material", {"draft_url": draft["draft_url"], **easy})
        edit = {"op": "add_videos", "items": [{"start": 0, "end": 1_000_000, "url": url}]}
        api.post(f"{DRAFTS}/{draft['draft_id']}/edits", {"operations": [edit]})
        api.save(url)
        api.get(f"{MATE}/get_draft?draft_id={url}")
        api.put_content(draft["draft_id"], {**api.content(draft["draft_id"]), "cover": url, "path": url})
    api.imported(SAMPLES / "s01_basic")
    assert inside.called == 0


def test_two_framings_of_one_body_are_not_two_requests(web: Web) -> None:
    """Request smuggling: what a proxy takes for a body must not be a request to us, nor the other way round."""
    hidden = head("DELETE", "/api/v1/drafts/x")
    for lines in (
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Transfer-Encoding: identity, chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 0"),
    ):
        with web.connect() as connection:
            whole = ("Content-Type: application/json", *lines)
            connection.sendall(head("POST", f"{MATE}/create_draft", *whole) + b"0\r\n\r\n" + hidden)
            connection.settimeout(20)
            status = answer(connection)[0]
            assert status in {400, 411, 501}, lines
            if status != 411:
                continue
            rest = b""
            with connection:
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65536):
                    rest += piece
            assert rest.count(b"HTTP/1.1") <= 1


def test_a_request_line_with_another_host_inside_is_refused(web: Web) -> None:
    with web.connect() as connection:
        connection.sendall(head("GET", "http://evil.example/readyz-not", host="127.0.0.1"))
        status, _, body = answer(connection)
    assert status in {400, 404}
    assert "evil" not in json.dumps(body)
