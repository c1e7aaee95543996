"""What tests say about the API, in short."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client

MATE = "/openapi/capcut-mate/v1"
SAMPLES = Path(__file__).parent / "samples" / "drafts"
MEDIA = Path(__file__).parent / "samples" / "media"


class Api:
    """Calls by their names; every call returns the raw response."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST JSON."""
        return self.client.post(path, json.dumps({} if body is None else body), "application/json", headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.client.get(path, headers=headers)

    def put(self, path: str, data: bytes, kind: str = "application/octet-stream", **headers: str) -> Any:
        """PUT bytes."""
        return self.client.put(path, data, kind, headers=headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE."""
        return self.client.delete(path, headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """PATCH JSON."""
        return self.client.patch(path, json.dumps(body), "application/json", headers=headers)

    def create(self, **body: Any) -> dict[str, Any]:
        """A draft made on the capcut-mate surface."""
        response = self.post(f"{MATE}/create_draft", body)
        assert response.status_code == 200, response.content
        return dict(response.json())

    def save(self, draft_url: str, **body: Any) -> Any:
        """``save_draft``."""
        return self.post(f"{MATE}/save_draft", {"draft_url": draft_url, **body})

    def put_content(self, draft_id: str, document: Any, if_match: str = "*") -> Any:
        """Replace the working content."""
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.put(f"/api/v1/drafts/{draft_id}/content", data, "application/json", **{"If-Match": if_match})

    def content(self, draft_id: str) -> dict[str, Any]:
        """The working document."""
        return dict(json.loads(body_of(self.get(f"/api/v1/drafts/{draft_id}/content"))))

    def import_zip(self, data: bytes, into: str | None = None, **headers: str) -> Any:
        """Import a ZIP as a new draft, or into one."""
        path = f"/api/v1/drafts/{into}/import" if into else "/api/v1/drafts/import"
        return self.client.post(path, data, "application/zip", headers=headers)

    def imported(self, folder: Path) -> dict[str, Any]:
        """A draft imported from a folder."""
        response = self.import_zip(zip_folder(folder))
        assert response.status_code == 201, response.content
        return dict(response.json()["draft"])


def zip_folder(folder: Path, *, top: str | None = None) -> bytes:
    """A folder as a ZIP with one top folder (``top`` "" for a flat one)."""
    name = folder.name if top is None else top
    files = {
        f"{name}/{path.relative_to(folder).as_posix()}".lstrip("/"): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return zip_of(files)


def zip_of(files: dict[str, bytes]) -> bytes:
    """A ZIP of names and bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def body_of(response: HttpResponseBase | Any) -> bytes:
    """The whole body, streamed or not; a streamed response closes at its end."""
    return bytes(b"".join(response.streaming_content) if response.streaming else response.content)


def path_of(url: str) -> str:
    """A file URL without scheme and host."""
    return "/" + url.split("/", 3)[3]
