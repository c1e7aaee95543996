"""What tests say about the editing routes, in short."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.remote import Remote, remote_host
from tests.support import MATE, MEDIA, Api

SECOND = 1_000_000
Call = Callable[..., dict[str, Any]]
HEX32 = re.compile(r"[0-9a-f]{32}")
KINDS = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png", ".mp3": "audio/mpeg"}


def text(*items: dict[str, Any]) -> str:
    """A list as clients of the reference send it: as JSON text."""
    return json.dumps(items, ensure_ascii=False)


class Editor:
    """One draft, and the calls that edit it."""

    def __init__(self, api: Api, **canvas: int) -> None:
        self.api = api
        made = api.create(**canvas)
        self.id: str = made["draft_id"]
        self.url: str = made["draft_url"]

    def post(self, verb: str, **body: Any) -> Any:
        """The raw response of a call on this draft."""
        return self.api.post(f"{MATE}/{verb}", {"draft_url": self.url, **body})

    def call(self, verb: str, **body: Any) -> dict[str, Any]:
        """The fields of a call that succeeds."""
        response = self.post(verb, **body)
        assert response.status_code == 200, response.content.decode()
        reply = dict(response.json())
        assert list(reply)[:3] == ["code", "message", "draft_url"]
        assert (reply.pop("code"), reply.pop("message"), reply.pop("draft_url")) == (0, "Success", self.url)
        return reply

    @property
    def document(self) -> dict[str, Any]:
        """The working document."""
        return self.api.content(self.id)

    @property
    def revision(self) -> int:
        """The draft's revision."""
        return int(self.api.get(f"/api/v1/drafts/{self.id}").json()["revision"])

    def files(self) -> list[str]:
        """Paths of the draft's media."""
        rows = self.api.get(f"/api/v1/drafts/{self.id}/files").json()
        return [row["path"] for row in rows if row["path"].startswith("assets/")]

    def track(self, track_id: str) -> dict[str, Any]:
        """One track."""
        return next(track for track in self.document["tracks"] if track["id"] == track_id)

    def material(self, name: str, material_id: str) -> dict[str, Any]:
        """One material."""
        return next(item for item in self.document["materials"][name] if item["id"] == material_id)

    def findings(self) -> list[dict[str, Any]]:
        """What the integrity rules say."""
        return list(self.api.get(f"/api/v1/drafts/{self.id}/integrity").json()["findings"])


@contextlib.contextmanager
def media_host() -> Iterator[Remote]:
    """A host that serves the sample media under their names."""
    with remote_host() as host:
        for path in MEDIA.iterdir():
            host.serve(f"/{path.name}", path.read_bytes(), kind=KINDS[path.suffix])
        yield host


def typical(edit: Call, media: Callable[[str], str]) -> dict[str, Any]:
    """The calls that made sample s05, in their order; their replies."""
    made: dict[str, Any] = {}
    made["images"] = edit(
        "add_images",
        image_infos=text(
            {
                "image_url": media("wide.jpg"),
                "start": 0,
                "end": 3 * SECOND,
                "transition": "叠化",
                "transition_duration": 500_000,
            },
            {
                "image_url": media("tall.png"),
                "start": 3 * SECOND,
                "end": 6 * SECOND,
                "in_animation": "渐显",
                "in_animation_duration": 500_000,
            },
        ),
    )
    clip = {"video_url": media("clip.mp4"), "start": 6 * SECOND, "end": 9 * SECOND, "volume": 0.5}
    made["videos"] = edit("add_videos", video_infos=text(clip))
    music = {"audio_url": media("music.mp3"), "start": 0, "end": 9 * SECOND, "volume": 0.4}
    made["audios"] = edit("add_audios", audio_infos=text(music))
    made["captions"] = edit(
        "add_captions",
        captions=text(
            {
                "start": 0,
                "end": 3 * SECOND,
                "text": "Hello 世界",
                "keyword": "世界",
                "keyword_color": "#ff7100",
                "in_animation": "渐显",
                "in_animation_duration": 500_000,
            },
            {"start": 3 * SECOND, "end": 6 * SECOND, "text": "第二句 🎬 end"},
        ),
        border_color="#000000",
        transform_y=-800,
    )
    made["effects"] = edit(
        "add_effects", effect_infos=text({"effect_title": "录制边框 III", "start": 0, "end": 3 * SECOND})
    )
    toned = {"filter_title": "复古工业", "start": 0, "end": 6 * SECOND, "intensity": 80}
    made["filters"] = edit("add_filters", filter_infos=text(toned))
    first, second = made["images"]["segment_ids"]
    made["keyframes"] = edit(
        "add_keyframes",
        keyframes=text(
            {"segment_id": first, "property": "KFTypePositionX", "offset": 0, "value": -100},
            {"segment_id": first, "property": "KFTypePositionX", "offset": 2 * SECOND, "value": 100},
            {"segment_id": second, "property": "UNIFORM_SCALE", "offset": 0, "value": 1.0},
            {"segment_id": second, "property": "UNIFORM_SCALE", "offset": 3 * SECOND, "value": 1.5},
        ),
    )
    made["masks"] = edit(
        "add_masks", segment_ids=made["videos"]["segment_ids"], name="圆形", width=200, height=200, feather=10
    )
    made["sticker"] = edit(
        "add_sticker", sticker_id="7211102020202020202", start=0, end=2 * SECOND, transform_x=100, transform_y=100
    )
    return made
