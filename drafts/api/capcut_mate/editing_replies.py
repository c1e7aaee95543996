"""What the editing routes answer, field by field in the reference's order (contract 7.4 to 7.14).

Ids are those that the call made, in the order of its items (contract 5 no. 19).
"""

from __future__ import annotations

from typing import Any, cast

from drafts.editing.commands import Added, Changed
from drafts.editing.services import Applied

from .editing_commands import Values

Fields = dict[str, Any]


def videos(values: Values, applied: Applied) -> Fields:
    """Of ``add_videos``."""
    added = _added(applied)
    return {**_tracks(added), "video_ids": _materials(added), **_segments(added), **_infos(added)}


def audios(values: Values, applied: Applied) -> Fields:
    """Of ``add_audios``."""
    added = _added(applied)
    return {**_tracks(added), "audio_ids": _materials(added)}


def images(values: Values, applied: Applied) -> Fields:
    """Of ``add_images``."""
    added = _added(applied)
    return {**_tracks(added), "image_ids": _materials(added), **_segments(added), **_infos(added)}


def sticker(values: Values, applied: Applied) -> Fields:
    """Of ``add_sticker``."""
    added = _added(applied)
    [placed] = added.segments
    return {
        "sticker_id": values["sticker_id"],
        **_tracks(added),
        "segment_id": placed.segment_id,
        "duration": placed.end - placed.start,
    }


def keyframes(values: Values, applied: Applied) -> Fields:
    """Of ``add_keyframes``."""
    changed = _changed(applied)
    return {"keyframes_added": len(changed.made), "affected_segments": list(changed.segment_ids)}


def captions(values: Values, applied: Applied) -> Fields:
    """Of ``add_captions``."""
    added = _added(applied)
    return {**_tracks(added), "text_ids": _materials(added), **_segments(added), **_infos(added)}


def effects(values: Values, applied: Applied) -> Fields:
    """Of ``add_effects``."""
    added = _added(applied)
    return {**_tracks(added), "effect_ids": _materials(added), **_segments(added)}


def filters(values: Values, applied: Applied) -> Fields:
    """Of ``add_filters``."""
    added = _added(applied)
    return {**_tracks(added), "filter_ids": _materials(added), **_segments(added)}


def masks(values: Values, applied: Applied) -> Fields:
    """Of ``add_masks``."""
    changed = _changed(applied)
    return {
        "masks_added": len(changed.segment_ids),
        "affected_segments": list(changed.segment_ids),
        "mask_ids": list(changed.made),
    }


def nothing(values: Values, applied: Applied) -> Fields:
    """Of ``easy_create_material``."""
    return {}


def _added(applied: Applied) -> Added:
    [result] = applied.results
    return cast("Added", result)


def _changed(applied: Applied) -> Changed:
    [result] = applied.results
    return cast("Changed", result)


def _tracks(added: Added) -> Fields:
    """The new track; all of them when items that overlap needed several."""
    ids = list(added.track_ids)
    return {"track_id": ids[0], **({"track_ids": ids} if len(ids) > 1 else {})}


def _materials(added: Added) -> list[str]:
    return [placed.material_id for placed in added.segments]


def _segments(added: Added) -> Fields:
    return {"segment_ids": [placed.segment_id for placed in added.segments]}


def _infos(added: Added) -> Fields:
    infos = [{"id": placed.segment_id, "start": placed.start, "end": placed.end} for placed in added.segments]
    return {"segment_infos": infos}
