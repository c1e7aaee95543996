"""A clean document with one of everything, for tests that plant a single fault."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from drafts.document import companions, paths, skeleton
from drafts.document.integrity import FileFacts

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "drafts"
SAMPLE_NAMES = ("s01_basic", "s02_effects", "s03_capcut_basic", "s04_capcutcli", "s05_reference")
DRAFT_ID = "20261121014344a1b2c3d4e5f6a7b8c9"
SECOND = 1_000_000

FILES = {
    "assets/videos/clip.mp4": FileFacts(width=640, height=360, duration=4 * SECOND),
    "assets/images/wide.jpg": FileFacts(width=640, height=360),
    "assets/audios/music.mp3": FileFacts(duration=12 * SECOND),
}


def sample(name: str) -> bytes:
    return (SAMPLES / name / "draft_content.json").read_bytes()


def media(media_id: str, path: str, **more: Any) -> dict[str, Any]:
    return {"id": media_id, "local_material_id": media_id, "path": paths.token_form(path), **more}


def segment(name: str, material_id: str, start: int, duration: int, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "material_id": material_id,
        "target_timerange": {"start": start, "duration": duration},
        "source_timerange": {"start": 0, "duration": duration},
        "speed": 1.0,
        "volume": 1.0,
        "extra_material_refs": [],
        "clip": copy.deepcopy(CLIP),
        "common_keyframes": [],
        **more,
    }


CLIP = {
    "alpha": 1.0,
    "flip": {"horizontal": False, "vertical": False},
    "rotation": 0.0,
    "scale": {"x": 1.0, "y": 1.0},
    "transform": {"x": 0.0, "y": 0.0},
}


def keyframes() -> list[dict[str, Any]]:
    keys = [{"id": f"k{n}", "time_offset": n * SECOND, "values": [float(n)]} for n in range(2)]
    return [{"id": "k", "property_type": "KFTypeRotation", "keyframe_list": keys}]


def text(words: str, *ranges: tuple[int, int]) -> str:
    return json.dumps({"text": words, "styles": [{"range": list(pair)} for pair in ranges]})


def _materials() -> dict[str, list[dict[str, Any]]]:
    mask = {"id": "mask", "type": "mask", "config": {"width": 0.5, "feather": 0.0}}
    common = {"id": "mask", "type": "mask", "config": {"width": 0.5, "feather": 0.0, "expansion": 0.0}}
    animations = [{"type": "in", "duration": SECOND}, {"type": "out", "duration": SECOND}]
    clip = media("clip", "assets/videos/clip.mp4", type="video", width=640, height=360, duration=4 * SECOND)
    photo = media("photo", "assets/images/wide.jpg", type="photo", width=640, height=360, duration=10800 * SECOND)
    return {
        "videos": [{**clip, "material_name": "clip.mp4"}, {**photo, "material_name": "wide.jpg"}],
        "audios": [media("music", "assets/audios/music.mp3", name="music.mp3", duration=12 * SECOND)],
        "texts": [{"id": "words", "content": text("Hi 🎬!", (0, 3), (3, 6))}],
        "stickers": [{"id": "sticker"}],
        "video_effects": [{"id": "effect", "type": "video_effect"}],
        "effects": [{"id": "filter", "type": "filter"}, {"id": "blend", "type": "mix_mode"}],
        "speeds": [{"id": f"speed-{n}", "speed": 1.0, "mode": 0, "curve_speed": None} for n in range(2)],
        "transitions": [{"id": "cut", "duration": SECOND}],
        "material_animations": [{"id": "moves", "animations": animations}],
        "masks": [mask],
        "common_mask": [common],
    }


def _tracks() -> list[dict[str, Any]]:
    first = segment("v0", "photo", 0, 3 * SECOND, extra_material_refs=["speed-0", "cut", "moves"])
    second = segment(
        "v1",
        "clip",
        3 * SECOND,
        4 * SECOND,
        extra_material_refs=["speed-1", "mask", "blend"],
        common_keyframes=keyframes(),
    )
    plain = {"speed": 1.0, "source_timerange": None}
    return [
        track("video", first, second),
        track("audio", segment("a0", "music", 0, 7 * SECOND, clip=None, volume=0.5)),
        track("text", segment("t0", "words", 0, 2 * SECOND, **plain)),
        track("sticker", segment("s0", "sticker", 0, 2 * SECOND, **plain)),
        track("effect", segment("e0", "effect", 0, 2 * SECOND, **plain, clip=None)),
        track("filter", segment("f0", "filter", 0, 2 * SECOND, **plain, clip=None)),
    ]


def track(kind: str, *segments: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"track-{kind}", "type": kind, "name": kind, "attribute": 0, "segments": list(segments)}


def clean() -> dict[str, Any]:
    """7 seconds, no finding under any rule."""
    doc = skeleton.fresh(width=1280, height=720)
    doc["materials"].update(_materials())
    doc["tracks"] = _tracks()
    doc["duration"] = 7 * SECOND
    doc["config"]["maintrack_adsorb"] = True
    return doc


def meta_of(doc: dict[str, Any]) -> dict[str, Any]:
    return companions.meta(doc, draft_id=DRAFT_ID, name="demo", created_us=1, modified_us=2)
