"""The tables inside a draft's or a version's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from drafts.models import DraftFile, DraftVersion

from .base import blob_state, both, link, page, shown

SHOWN = 200

_FILES = (
    both("path", "路径"),
    both("kind", "类型"),
    both("size", "大小"),
    "SHA-256",
    both("in the store", "存储状态"),
    both("versions", "版本"),
)
_VERSIONS = (
    both("version", "版本"),
    both("origin", "来源"),
    both("author", "作者"),
    both("note", "备注"),
    both("files", "文件数"),
    both("size", "大小"),
    both("in the store", "存储状态"),
    both("created", "创建时间"),
)


def files_table(files: QuerySet[DraftFile], *, api: str, more: str) -> SafeString:
    """At most 200 files. ``api`` is what their download addresses begin with, "" for none; ``more`` lists all."""
    found = list(files.select_related("blob")[: SHOWN + 1])
    lines = (
        (
            link(f"{api}{file.path}", file.path) if api else file.path,
            file.kind,
            filesizeformat(file.blob.size),
            page(file.blob, file.blob),
            blob_state(file.blob),
            span(file),
        )
        for file in found[:SHOWN]
    )
    return _table(_FILES, lines, more=more if len(found) > SHOWN else "")


def versions_table(versions: QuerySet[DraftVersion], *, more: str) -> SafeString:
    """Versions, each leading to its page; ``more`` is the address of all of them."""
    lines = (
        (
            page(version, version.number),
            version.origin,
            version.author,
            version.note,
            version.file_count,
            filesizeformat(version.content.size),
            blob_state(version.content),
            shown(version.created_at),
        )
        for version in versions
    )
    return _table(_VERSIONS, lines, more=more)


def span(file: DraftFile) -> str:
    """The versions that have the file: ``3 – 5``, or ``3 –`` while the draft still has it."""
    return f"{file.added_in} –" if file.removed_in is None else f"{file.added_in} – {file.removed_in - 1}"


def _table(heads: Sequence[object], lines: Iterable[Sequence[object]], *, more: str) -> SafeString:
    head = format_html_join("", "<th>{}</th>", ((text,) for text in heads))
    cells = (format_html_join("", "<td>{}</td>", ((cell,) for cell in line)) for line in lines)
    body = format_html_join("", "<tr>{}</tr>", ((line,) for line in cells))
    if not body:
        return both("none", "暂无")  # type: ignore[no-any-return]
    rest = link(more, both("all of them", "全部")) if more else ""
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}", head, body, rest)
