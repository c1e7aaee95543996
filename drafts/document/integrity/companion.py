"""Rules that look beyond the document: R18, R21 and the meta file's half of R8."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from .. import canonical, paths
from .model import FileFacts, Material, Report, View, dict_of, int_of, list_of, text_of

_REMOTE: Final = re.compile(r"https?://", re.IGNORECASE)


def check_media(
    view: View,
    report: Report,
    *,
    files: Mapping[str, FileFacts] | None,
    meta: Mapping[str, Any] | None,
) -> None:
    """R18; what an import lacks is noted, because the draft opens and the user can relink."""
    listed = None if meta is None else _listed(meta)
    for material in view.materials:
        if material.list_name not in ("videos", "audios"):
            continue
        path = text_of(material.value.get("path"))
        if _REMOTE.match(path):
            continue
        inside = paths.relative(path)
        if inside is None:
            message = "The path lies neither in the draft folder nor on the web."
            chinese = "路径既不在草稿文件夹内，也不是网址。"
            report.add("R18", material.place, message, chinese, tolerated="warning")
            continue
        _check_link(material, listed, report)
        if files is not None:
            _check_file(view, material, files.get(inside), report)


def _listed(meta: Mapping[str, Any]) -> set[str]:
    """Ids in group 0 of the meta's draft_materials."""
    groups = [dict_of(group) for group in list_of(meta.get("draft_materials"))]
    entries = [entry for group in groups if group.get("type") == 0 for entry in list_of(group.get("value"))]
    return {text_of(dict_of(entry).get("id")) for entry in entries}


def _check_link(material: Material, listed: set[str] | None, report: Report) -> None:
    local_id = text_of(material.value.get("local_material_id"))
    if not local_id:
        report.add("R18", material.place, "local_material_id is blank.", "local_material_id 为空。", tolerated="info")
    elif listed is not None and local_id not in listed:
        report.add(
            "R18",
            material.place,
            "The meta file does not list the material.",
            "meta 文件中没有列出该素材。",
            tolerated="info",
        )


def _check_file(view: View, material: Material, file: FileFacts | None, report: Report) -> None:
    if file is None:
        report.add(
            "R18",
            material.place,
            "The file of the material is not stored.",
            "素材的文件没有存储。",
            tolerated="warning",
        )
        return
    if material.list_name == "videos":
        for side, name, measured in (("width", "宽度", file.width), ("height", "高度", file.height)):
            if measured is not None and material.value.get(side) != measured:
                message = f"The {side} is not that of the file, {measured} pixels."
                chinese = f"{name}与文件不同，文件为 {measured} 像素。"
                report.add("R18", material.place, message, chinese, tolerated="info")
    length = int_of(material.value.get("duration"))
    if file.duration is None or material.type == "photo":
        return
    if length is None or abs(length - file.duration) > view.frame:
        message = f"The duration is not that of the file, {file.duration} microseconds."
        chinese = f"时长与文件不同，文件为 {file.duration} 微秒。"
        report.add("R18", material.place, message, chinese, tolerated="info")


def check_meta_duration(view: View, report: Report, *, meta: Mapping[str, Any] | None) -> None:
    """R8, the meta's half; on import the meta is made anew."""
    if meta is not None and meta.get("tm_duration") != canonical.facts(view.doc).duration:
        report.add(
            "R8",
            "",
            "tm_duration of the meta file is not the duration.",
            "meta 文件的 tm_duration 与草稿时长不同。",
            tolerated="info",
        )


def check_twin(report: Report, *, twin_equal: bool | None) -> None:
    """R21; apps that saved the folder keep only one of the two up to date."""
    if twin_equal is False:
        report.add(
            "R21",
            "",
            "draft_content.json and draft_info.json differ.",
            "draft_content.json 与 draft_info.json 不同。",
            tolerated="info",
        )
