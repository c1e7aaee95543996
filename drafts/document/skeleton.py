"""A fresh document: what ``create_draft`` starts from."""

from __future__ import annotations

import copy
import uuid
from typing import Any, Final

DEVICE_KEYS: Final = ("device_id", "hard_disk_id", "mac_address")

# The 47 lists of the reference's template in its order, and common_mask, which later builds read.
MATERIAL_LISTS: Final = (
    "ai_translates",
    "audio_balances",
    "audio_effects",
    "audio_fades",
    "audio_track_indexes",
    "audios",
    "beats",
    "canvases",
    "chromas",
    "color_curves",
    "digital_humans",
    "drafts",
    "effects",
    "flowers",
    "green_screens",
    "handwrites",
    "hsl",
    "images",
    "log_color_wheels",
    "loudnesses",
    "manual_deformations",
    "masks",
    "material_animations",
    "material_colors",
    "multi_language_refs",
    "placeholders",
    "plugin_effects",
    "primary_color_wheels",
    "realtime_denoises",
    "shapes",
    "smart_crops",
    "smart_relights",
    "sound_channel_mappings",
    "speeds",
    "stickers",
    "tail_leaders",
    "text_templates",
    "texts",
    "time_marks",
    "transitions",
    "video_effects",
    "video_trackings",
    "videos",
    "vocal_beautifys",
    "vocal_separations",
    "huazi",
    "placeholder_infos",
    "common_mask",
)

_CONFIG: Final[dict[str, Any]] = {
    "adjust_max_index": 1,
    "attachment_info": [],
    "combination_max_index": 1,
    "export_range": None,
    "extract_audio_last_index": 1,
    "lyrics_recognition_id": "",
    "lyrics_sync": True,
    "lyrics_taskinfo": [],
    "maintrack_adsorb": False,
    "material_save_mode": 0,
    "multi_language_current": "none",
    "multi_language_list": [],
    "multi_language_main": "none",
    "multi_language_mode": "none",
    "original_sound_last_index": 1,
    "record_audio_last_index": 1,
    "sticker_max_index": 1,
    "subtitle_keywords_config": None,
    "subtitle_recognition_id": "",
    "subtitle_sync": True,
    "subtitle_taskinfo": [],
    "system_font_list": [],
    "video_mute": False,
    "zoom_info_params": None,
}
_KEYFRAME_LISTS: Final = (
    "adjusts",
    "audios",
    "effects",
    "filters",
    "handwrites",
    "stickers",
    "texts",
    "videos",
)
_JIANYING_5_9: Final[dict[str, Any]] = {
    "app_id": 3704,
    "app_source": "lv",
    "app_version": "5.9.0",
    "os": "windows",
}


def new_id() -> str:
    """A random id for a track, segment, material or keyframe: 32 lower-case hexadecimal digits."""
    return uuid.uuid4().hex


def fresh(*, width: int, height: int, fps: int = 30, document_id: str = "") -> dict[str, Any]:
    """An empty document for a canvas of ``width`` x ``height`` pixels, with one empty main track.

    It has the 31 keys of the reference's template, ids of its own, the version markers of JianYing 5.9 and no
    device keys. ``create_time`` and ``update_time`` are 0, as in every sample known: the app fills them, the real
    times stand in draft_meta_info.json.
    ``document_id`` replaces the random one; capcut-cli wants it equal to the ``draft_id`` of the meta file.
    """
    return {
        "canvas_config": {"width": width, "height": height, "ratio": "original"},
        "color_space": -1,
        "config": copy.deepcopy(_CONFIG),
        "cover": None,
        "create_time": 0,
        "duration": 0,
        "extra_info": None,
        "fps": fps,
        "free_render_index_mode_on": False,
        "group_container": None,
        "id": document_id or str(uuid.uuid4()).upper(),
        "is_drop_frame_timecode": False,
        "keyframe_graph_list": [],
        "keyframes": {name: [] for name in _KEYFRAME_LISTS},
        "lyrics_effects": [],
        "materials": {name: [] for name in MATERIAL_LISTS},
        "mutable_config": None,
        "name": "",
        "new_version": "110.0.0",
        "path": "",
        "relationships": [],
        "render_index_track_mode_on": True,
        "retouch_cover": None,
        "source": "default",
        "static_cover_image_path": "",
        "time_marks": None,
        "tracks": [_main_track()],
        "update_time": 0,
        "version": 360000,
        "platform": dict(_JIANYING_5_9),
        "last_modified_platform": dict(_JIANYING_5_9),
    }


def _main_track() -> dict[str, Any]:
    return {
        "attribute": 0,
        "flag": 0,
        "id": new_id(),
        "is_default_name": False,
        "name": "main_track",
        "segments": [],
        "type": "video",
    }
