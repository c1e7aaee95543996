"""Every operation of the API, and the kinds of callers that the matrix sends there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from django.urls import URLPattern, URLResolver, get_resolver

from tests.harness import ROOT

R, W, RESTORE, FILES, PROBE = "drafts:read", "drafts:write", "versions:restore", "files:write", "media:probe"
LINKS, ADMIN, KEYS = "links:write", "admin:read", "keys:write"
PUBLIC = "anyone"
MATE = "/openapi/capcut-mate/v1"
DRAFT = "/api/v1/drafts/{draft_id}"
VERSION = f"{DRAFT}/versions/{{number}}"
PURE = (
    *("timelines", "audio_infos", "video_infos", "imgs_infos", "caption_infos", "effect_infos", "filter_infos"),
    *("keyframes_infos", "get_url", "str_to_list", "str_list_to_objs", "objs_to_str_list", "add_text_style"),
    *("get_text_animations", "get_image_animations", "get_filters", "get_effects", "get_text_effects"),
    "search_sticker",
)
EDITS = (
    *("add_videos", "add_audios", "add_images", "add_sticker", "add_keyframes", "add_captions"),
    *("add_effects", "add_filters", "add_masks", "easy_create_material"),
)
# What each operation demands. One without a row fails.
DEMANDS: dict[str, str] = {
    "GET /": PUBLIC,
    "GET /openapi/capcut-mate/openapi.yaml": PUBLIC,
    "GET /api/openapi.yaml": PUBLIC,
    "GET /api/docs": PUBLIC,
    f"POST {MATE}/create_draft": W,
    f"POST {MATE}/save_draft": W,
    f"GET {MATE}/get_draft": R,
    "GET /v1/get_draft": R,
    f"GET {MATE}/files/{{token}}/{{draft_id}}/{{path}}": R,
    f"GET {MATE}/files/{{token}}/{{draft_id}}.zip": R,
    **{f"POST {MATE}/{verb}": W for verb in EDITS},
    **{f"POST {MATE}/{verb}": R for verb in PURE},
    f"GET {MATE}/{{verb}}": R,
    f"POST {MATE}/{{verb}}": R,
    f"GET {MATE}/gen_video_active_count": R,
    f"POST {MATE}/get_audio_duration": PROBE,
    f"POST {MATE}/audio_timelines": PROBE,
    "GET /api/v1/catalogue": R,
    "GET /api/v1/catalogue/{kind}": R,
    "GET /api/v1/workspace": ADMIN,
    "GET /api/v1/members": ADMIN,
    "GET /api/v1/keys": ADMIN,
    "POST /api/v1/keys": KEYS,
    "DELETE /api/v1/keys/{key}": KEYS,
    "POST /api/v1/keys/{key}/rotate": KEYS,
    "GET /api/v1/drafts": R,
    "POST /api/v1/drafts": W,
    "POST /api/v1/drafts/import": W,
    f"GET {DRAFT}": R,
    f"PATCH {DRAFT}": W,
    f"DELETE {DRAFT}": W,
    **{f"POST {DRAFT}/{verb}": W for verb in ("untrash", "copy", "save", "import", "edits")},
    **{
        f"GET {DRAFT}/{name}": R
        for name in (
            *("events", "integrity", "content", "archive.zip", "files", "files/{path}", "thumbnails/{path}"),
            *("timeline", "timeline.svg", "subtitles.{form}", "versions", "versions/compare", "links"),
        )
    },
    f"POST {DRAFT}/links": LINKS,
    f"DELETE {DRAFT}/links/{{link}}": LINKS,
    f"PUT {DRAFT}/content": W,
    f"PUT {DRAFT}/files/{{path}}": FILES,
    f"DELETE {DRAFT}/files/{{path}}": FILES,
    f"GET {VERSION}": R,
    f"PATCH {VERSION}": W,
    **{
        f"GET {VERSION}/{name}": R
        for name in (
            *("content", "files", "files/{path}", "archive.zip", "timeline", "timeline.svg", "subtitles.{form}"),
        )
    },
    f"POST {VERSION}/restore": RESTORE,
}
# Beside the API: the admin has a matrix of its own (tests/test_permissions.py), probes are for anybody.
ELSEWHERE = re.compile(r"/(admin|\{address\})")


@dataclass(frozen=True)
class Operation:
    """One method of one path, with what a caller without mistakes sends."""

    name: str
    demands: str

    @property
    def method(self) -> str:
        """GET, POST ..."""
        return self.name.split(" ")[0]

    @property
    def path(self) -> str:
        """With its placeholders."""
        return self.name.split(" ")[1]

    @property
    def of_a_draft(self) -> bool:
        """Whether it names a draft, in its path, its query or its body."""
        verb = self.path.rpartition("/")[2]
        return "{draft_id}" in self.path or verb in {"get_draft", "save_draft", *EDITS}

    @property
    def by_link(self) -> bool:
        """Whether a link to the draft is enough."""
        return self.path.endswith("get_draft") or "{token}" in self.path

    @property
    def example(self) -> Any:
        """The example of the description, whose URLs nobody fetches."""
        found = DESCRIBED.get(self.path.rstrip("/"), {}).get(self.method.lower(), {})
        content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
        return next((each["value"] for each in content.get("examples", {}).values()), {})


_DESCRIPTION = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
DESCRIBED = {
    path.rstrip("/"): item
    for path, item in yaml.safe_load(_DESCRIPTION.replace("https://example.com", "http://127.0.0.1:1"))["paths"].items()
}


def paths(patterns: Any, prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every path that the resolver knows, with its methods."""
    for item in patterns:
        if isinstance(item, URLResolver):
            yield from paths(item.url_patterns, prefix + str(item.pattern))
        elif isinstance(item, URLPattern):
            bare = prefix + str(item.pattern)
            path = re.sub(r"\(\?P<(\w+)>.*?\)(?=[/\\]|\Z|\$)", r"{\1}", bare.removeprefix("^"))
            actions = getattr(item.callback, "actions", None)
            methods = {"GET"} if actions is None else {each.upper() for each in actions} - {"HEAD"}
            yield "/" + re.sub(r"/\?(\\Z|\$)|\\Z|\\", "", path), methods


def operations() -> list[Operation]:
    """All of them. Raises ``KeyError`` for one without a row in ``DEMANDS``."""
    found = {
        f"{method} {path}"
        for path, methods in paths(get_resolver().url_patterns)
        if not ELSEWHERE.match(path)
        for method in methods
    }
    assert set(DEMANDS) == found, {"without a row": found - set(DEMANDS), "gone": set(DEMANDS) - found}
    return [Operation(name, DEMANDS[name]) for name in sorted(found)]
