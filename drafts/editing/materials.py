"""Materials as we write them (contract A, draft_format section 4). Every builder makes a new id."""

from __future__ import annotations

import copy
from typing import Any, Final

from drafts.document.skeleton import new_id

from .catalogue import Entry, Kind
from .commands import Source
from .timeline import Json

PHOTO_DURATION: Final = 10_800_000_000  # microseconds; what the app gives a still
EFFECT_LAYER: Final = 11_000
_FULL_FRAME: Final = {
    "upper_left_x": 0.0,
    "upper_left_y": 0.0,
    "upper_right_x": 1.0,
    "upper_right_y": 0.0,
    "lower_left_x": 0.0,
    "lower_left_y": 1.0,
    "lower_right_x": 1.0,
    "lower_right_y": 1.0,
}
# What builds since JianYing 10.8 read of a mask beside the older list's keys.
_MASK_EXTRAS: Final[dict[str, Any]] = {
    "category": "video",
    "category_id": "jichu",
    "category_name": "基础",
    "is_old_version": False,
    "loader_work_space": "",
    "panel": "",
    "source_platform": 0,
    "track_segment": "",
    "text_config": {
        "align_type": 15,
        "bold_width": 0.0,
        "char_spacing": 0.0,
        "content": "",
        "font_name": "",
        "font_path": "",
        "font_resource_id": "",
        "font_size": 15.0,
        "has_underline": False,
        "italic_degree": 0,
        "line_gap": 0.0,
        "scale": 1.0,
    },
}


def video(source: Source, *, at_least: int) -> Json:
    """An entry of ``videos``; a file of unknown length (0) counts as ``at_least`` microseconds long."""
    is_photo = source.kind == "image"
    made = new_id()
    return {
        "audio_fade": None,
        "category_id": "",
        "category_name": "local",
        "check_flag": 63487,
        "crop": dict(_FULL_FRAME),
        "crop_ratio": "free",
        "crop_scale": 1.0,
        "duration": PHOTO_DURATION if is_photo else source.duration or at_least,
        "height": source.height,
        "id": made,
        "local_material_id": made,
        "material_id": made,
        "material_name": source.name,
        "media_path": "",
        "path": source.path,
        "type": "photo" if is_photo else "video",
        "width": source.width,
    }


def audio(source: Source, *, at_least: int) -> Json:
    """An entry of ``audios``."""
    made = new_id()
    return {
        "app_id": 0,
        "category_id": "",
        "category_name": "local",
        "check_flag": 3,
        "copyright_limit_type": "none",
        "duration": source.duration or at_least,
        "effect_id": "",
        "formula_id": "",
        "id": made,
        "local_material_id": made,
        "music_id": made,
        "name": source.name,
        "path": source.path,
        "source_platform": 0,
        "type": "extract_music",
        "wave_points": [],
    }


def audio_fade(fade_in: int, fade_out: int) -> Json:
    """An entry of ``audio_fades``, in microseconds."""
    return {
        "fade_in_duration": fade_in,
        "fade_out_duration": fade_out,
        "fade_type": 0,
        "id": new_id(),
        "type": "audio_fade",
    }


def audio_effect(entry: Entry) -> Json:
    """An entry of ``audio_effects`` with its default parameters."""
    return {
        "audio_adjust_params": adjust_params(entry),
        "category_id": "sound_effect",
        "category_name": "场景音",
        "id": new_id(),
        "is_ugc": False,
        "name": entry.name,
        "production_path": "",
        "resource_id": entry.resource_id,
        "speaker_id": "",
        "sub_type": 1,
        "time_range": {"duration": 0, "start": 0},
        "type": "audio_effect",
    }


def transition(entry: Entry, duration: int) -> Json:
    """An entry of ``transitions``."""
    return {
        "category_id": "",
        "category_name": "",
        "duration": duration,
        "effect_id": entry.effect_id,
        "id": new_id(),
        "is_overlap": bool(entry.is_overlap),
        "name": entry.name,
        "platform": "all",
        "resource_id": entry.resource_id,
        "type": "transition",
    }


def animations(items: list[Json]) -> Json:
    """An entry of ``material_animations``, one for each segment."""
    return {"id": new_id(), "type": "sticker_animation", "multi_language_current": "none", "animations": items}


def animation(entry: Entry, kind: str, *, start: int, duration: int, of_text: bool) -> Json:
    """One of the animations of a segment; times count from the segment's start."""
    return {
        "anim_adjust_params": None,
        "platform": "all",
        "panel": "" if of_text else "video",
        "material_type": "sticker" if of_text else "video",
        "name": entry.name,
        "id": entry.effect_id,
        "type": kind,
        "resource_id": entry.resource_id,
        "start": start,
        "duration": duration,
    }


def sticker(sticker_id: str) -> Json:
    """An entry of ``stickers``."""
    return {
        "id": new_id(),
        "resource_id": sticker_id,
        "sticker_id": sticker_id,
        "source_platform": 1,
        "type": "sticker",
    }


def text_effect(entry: Entry) -> Json:
    """The entry of ``effects`` that a text with a text effect (花字) refers to."""
    return {
        "apply_target_type": 0,
        "effect_id": entry.effect_id,
        "id": new_id(),
        "resource_id": entry.resource_id,
        "type": "text_effect",
        "value": 1.0,
        "source_platform": 1,
    }


def video_effect(entry: Entry) -> Json:
    """An entry of ``video_effects`` that acts on everything below its track."""
    return {
        "adjust_params": adjust_params(entry),
        "apply_target_type": 2,
        "apply_time_range": None,
        "category_id": "",
        "category_name": "",
        "common_keyframes": [],
        "disable_effect_faces": [],
        "effect_id": entry.effect_id,
        "formula_id": "",
        "id": new_id(),
        "name": entry.name,
        "platform": "all",
        "render_index": EFFECT_LAYER,
        "resource_id": entry.resource_id,
        "source_platform": 0,
        "time_range": None,
        "track_render_index": 0,
        "type": "face_effect" if entry.kind is Kind.CHARACTER_EFFECTS else "video_effect",
        "value": 1.0,
        "version": "",
    }


def colour_filter(entry: Entry, value: float) -> Json:
    """The entry of ``effects`` that is a filter; ``value`` 0 to 1."""
    return {
        "adjust_params": [],
        "algorithm_artifact_path": "",
        "apply_target_type": 0,
        "bloom_params": None,
        "category_id": "",
        "category_name": "",
        "color_match_info": {"source_feature_path": "", "target_feature_path": "", "target_image_path": ""},
        "effect_id": entry.effect_id,
        "enable_skin_tone_correction": False,
        "exclusion_group": [],
        "face_adjust_params": [],
        "formula_id": "",
        "id": new_id(),
        "intensity_key": "",
        "multi_language_current": "",
        "name": entry.name,
        "panel_id": "",
        "platform": "all",
        "resource_id": entry.resource_id,
        "source_platform": 1,
        "sub_type": "none",
        "time_range": None,
        "type": "filter",
        "value": value,
        "version": "",
    }


def mask(entry: Entry, config: Json) -> tuple[Json, Json]:
    """A mask as it stands in ``masks``, and its twin for ``common_mask`` under the same id (rule R16)."""
    made = {
        "config": config,
        "id": new_id(),
        "name": entry.name,
        "platform": "all",
        "position_info": "",
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "type": "mask",
    }
    return made, {**made, "config": {**config, "expansion": 0.0}, **copy.deepcopy(_MASK_EXTRAS)}


def adjust_params(entry: Entry) -> list[Json]:
    """The parameters of an effect at their defaults."""
    return [
        {
            "default_value": param.default,
            "max_value": param.most,
            "min_value": param.least,
            "name": param.name,
            "parameterIndex": index,
            "portIndex": 0,
            "value": param.default,
        }
        for index, param in enumerate(entry.params)
    ]
