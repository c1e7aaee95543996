"""The small files beside the document. All of them are derived, none is stored.

Field names and constants follow the reference's template; the entries of group 0 follow what pyCapCut and
capcut-cli write and the apps accept.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from . import canonical, paths

DOCUMENT_NAMES: Final = ("draft_content.json", "draft_info.json")
META_NAME: Final = "draft_meta_info.json"
AGENCY_CONFIG_NAME: Final = "draft_agency_config.json"
ATTACHMENT_NAME: Final = "attachment_pc_common.json"
COMPANIONS: Final = (META_NAME, AGENCY_CONFIG_NAME, ATTACHMENT_NAME)

AGENCY_CONFIG: Final = b'{\n    "marterials": null,\n    "use_converter": false,\n    "video_resolution": 720\n}'
ATTACHMENT_PC_COMMON: Final = (
    b'{\n    "pc_feature_flag": 0,\n    "template_item_infos": [],\n    "unlock_template_ids": []\n}'
)

PHOTO_DURATION_US: Final = 5_000_000
_GROUPS: Final = (0, 1, 2, 3, 6, 7, 8)
_DRAFT_ID_SPACE: Final = uuid.UUID("6f0e9c1e-58a7-5d0b-9a49-6c6a3a9f2d41")


def meta(doc: Mapping[str, Any], *, draft_id: str, name: str, created_us: int, modified_us: int) -> dict[str, Any]:
    """The content of draft_meta_info.json, a pure function of its arguments.

    ``created_us`` and ``modified_us`` in microseconds since 1970. Folder paths stay empty: they are the client's
    to fill. The ``draft_id`` inside is a UUID derived from ours, because the app expects that shape.
    """
    return {
        "cloud_package_completed_time": "",
        "draft_cloud_capcut_purchase_info": "",
        "draft_cloud_last_action_download": False,
        "draft_cloud_materials": [],
        "draft_cloud_purchase_info": "",
        "draft_cloud_template_id": "",
        "draft_cloud_tutorial_info": "",
        "draft_cloud_videocut_purchase_info": "",
        "draft_cover": "",
        "draft_deeplink_url": "",
        "draft_enterprise_info": {
            "draft_enterprise_extra": "",
            "draft_enterprise_id": "",
            "draft_enterprise_name": "",
            "enterprise_material": [],
        },
        "draft_fold_path": "",
        "draft_id": app_draft_id(draft_id),
        "draft_is_ai_packaging_used": False,
        "draft_is_ai_shorts": False,
        "draft_is_ai_translate": False,
        "draft_is_article_video_draft": False,
        # A string in every file known, unlike the flags around it.
        "draft_is_from_deeplink": "false",
        "draft_is_invisible": False,
        "draft_materials": _groups(doc),
        "draft_materials_copied_info": [],
        "draft_name": name,
        "draft_new_version": "",
        "draft_removable_storage_device": "",
        "draft_root_path": "",
        "draft_segment_extra_info": [],
        "draft_timeline_materials_size_": 0,
        "draft_type": "",
        "tm_draft_cloud_completed": "",
        "tm_draft_cloud_modified": 0,
        "tm_draft_create": created_us,
        "tm_draft_modified": modified_us,
        "tm_draft_removed": 0,
        "tm_duration": canonical.facts(doc).duration,
    }


def meta_bytes(doc: Mapping[str, Any], *, draft_id: str, name: str, created_us: int, modified_us: int) -> bytes:
    """``meta`` as compact JSON: equal arguments give equal bytes."""
    return canonical.dumps(meta(doc, draft_id=draft_id, name=name, created_us=created_us, modified_us=modified_us))


def app_draft_id(draft_id: str) -> str:
    """The upper-case UUID by which the app knows our draft; hyphens in ``draft_id`` make no difference."""
    return str(uuid.uuid5(_DRAFT_ID_SPACE, draft_id.replace("-", ""))).upper()


def _groups(doc: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for entry in _entries(doc):
        entries.setdefault(entry["id"], entry)
    imported = list(entries.values())
    return [{"type": group, "value": imported if group == 0 else []} for group in _GROUPS]


def _entries(doc: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("videos", "audios"):
        for material in local_media(doc, name):
            yield _entry(material, is_music=name == "audios")


def local_media(doc: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The materials of one list whose path lies in the draft folder and that have a local_material_id."""
    materials = doc.get("materials")
    items = materials.get(name) if isinstance(materials, dict) else None
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        path, local_id = item.get("path"), item.get("local_material_id")
        if isinstance(path, str) and isinstance(local_id, str) and local_id and paths.relative(path):
            yield item


def _entry(material: Mapping[str, Any], *, is_music: bool) -> dict[str, Any]:
    inside = paths.relative(material["path"]) or ""
    is_photo = not is_music and material.get("type") == "photo"
    return {
        "ai_group_type": "",
        "create_time": -1,
        "duration": PHOTO_DURATION_US if is_photo else _natural(material.get("duration")),
        "enter_from": 0,
        "extra_info": _display_name(material, inside),
        "file_Path": paths.token_form(inside),
        "height": 0 if is_music else _natural(material.get("height")),
        "id": material["local_material_id"],
        "import_time": -1,
        "import_time_ms": -1,
        "item_source": 1,
        "material_color_tag": "",
        "md5": "",
        "metetype": "music" if is_music else "photo" if is_photo else "video",
        "roughcut_time_range": {"duration": -1, "start": -1},
        "sub_time_range": {"duration": -1, "start": -1},
        "type": 0,
        "width": 0 if is_music else _natural(material.get("width")),
    }


def _display_name(material: Mapping[str, Any], inside: str) -> str:
    for key in ("material_name", "name"):
        name = material.get(key)
        if isinstance(name, str) and name:
            return name
    return inside.rpartition("/")[2]


def _natural(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
