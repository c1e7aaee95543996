"""Rules R1..R21: whether a document is sound, told as findings with a place.

``check`` never raises, whatever JSON it is given: a document may come from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import companion, look, structure, timing, words
from .model import RULES, FileFacts, Finding, Report, View
from .pointing import by_place

__all__ = ["RULES", "FileFacts", "Finding", "by_place", "check"]

_CHECKS = (*structure.CHECKS, *timing.CHECKS, *look.CHECKS, *words.CHECKS)


def check(
    doc: Any,
    *,
    files: Mapping[str, FileFacts] | None = None,
    meta: Mapping[str, Any] | None = None,
    imported: bool = False,
    twin_equal: bool | None = None,
) -> list[Finding]:
    """All findings for one document, in the order of the rules' groups, at most ``model.LIMIT`` of them.

    ``files`` maps paths inside the draft to what is known of the stored files, ``meta`` is the parsed
    draft_meta_info, ``twin_equal`` whether draft_info.json has the same bytes; what is None is not checked.
    ``imported`` applies the tolerances for documents that others have written: what apps are known to
    accept becomes "info" or "warning".
    """
    report = Report(imported=imported)
    if not isinstance(doc, dict):
        report.add("R1", "", "The document must be a JSON object.", "草稿文件必须是 JSON 对象。")
        return report.findings
    view = View.of(doc)
    for rule in _CHECKS:
        rule(view, report)
    companion.check_media(view, report, files=files, meta=meta)
    companion.check_meta_duration(view, report, meta=meta)
    companion.check_twin(report, twin_equal=twin_equal)
    return report.findings
