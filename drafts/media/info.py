"""The facts of stored bytes: found once, kept with the blob."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from drafts.core import blobs, outbound
from drafts.core.errors import DomainError, FieldError, InvalidParameter, NotFound, Text, Unavailable
from drafts.core.models import Blob
from drafts.core.storage import StoreError
from drafts.models import Draft
from drafts.selectors.files import get_file

from . import thumbnails
from .models import MediaInfo
from .probe import Facts, probe
from .sniff import Unfit
from .types import Kind, Media

_LABELS = {
    2005: Text("File download failed", "下载文件失败"),
    2006: Text("Video addition failed", "视频添加失败"),
    2008: Text("Audio addition failed", "音频添加失败"),
    2010: Text("Image addition failed", "图片添加失败"),
    2034: Text("Failed to get the audio duration", "获取音频时长失败"),
}
_KINDS = {"video": Text("a video", "视频"), "audio": Text("audio", "音频"), "image": Text("a picture", "图片")}


class NotMedia(DomainError):
    """Bytes that are no media, are damaged, or are of another kind than the call takes."""

    status = 422
    code = 2005

    def __init__(self, field: str, shown: str, rule: str, reason: Text, *, code: int) -> None:
        text = Text(f"{field}: {shown} {reason.en}", f"{field}：{shown} {reason.zh}")
        self.label = _LABELS.get(code, _LABELS[2005])
        super().__init__(text, code=code, errors=[FieldError(field, rule, text)])


def wrong_kind(found: Kind, wanted: Collection[Kind]) -> Text:
    """The end of the sentence that says what was found and what was wanted."""
    names = [_KINDS[kind] for kind in wanted]
    return Text(
        f"is {_KINDS[found].en}, not {' or '.join(name.en for name in names)}",
        f"是{_KINDS[found].zh}，不是{'或'.join(name.zh for name in names)}",
    )


def known_facts(*, sha256: Collection[str]) -> dict[str, Facts]:
    """What is known already, by hash. One query."""
    rows = MediaInfo.objects.filter(blob__sha256__in=set(sha256)).select_related("blob")
    return {str(row.blob.sha256): _facts(row) for row in rows}


def keep(*, blob: Blob, facts: Facts) -> None:
    """Keep the facts with the blob, and have its thumbnail made."""
    MediaInfo.objects.bulk_create([MediaInfo(blob=blob, **asdict(facts))], ignore_conflicts=True)
    if facts.kind != "audio":
        thumbnails.want(blob_ids=[blob.pk])


def media_of_blob(*, blob: Blob, field: str, shown: str) -> Media:
    """The facts of a stored blob; it is probed the first time. Raises ``NotMedia``, ``Unavailable``, ``NoFfmpeg``."""
    row = MediaInfo.objects.filter(blob=blob).first()
    facts = _facts(row) if row else _probed(blob, field, shown)
    if row is None:
        keep(blob=blob, facts=facts)
    return to_media(facts, blob_id=blob.pk, sha256=blob.sha256 or "", size=blob.size, url="")


def media_of_file(*, draft: Draft, path: str, field: str = "path", kinds: Collection[Kind] = ()) -> Media:
    """The facts of a file of the working manifest, as uploaded or imported. Not under the draft's lock.

    Raises ``NotFound``, ``NotMedia``, ``Unavailable``, ``NoFfmpeg``; ``InvalidParameter`` for another kind than
    those of ``kinds``, if there are any.
    """
    try:
        blob = get_file(draft=draft, path=path).blob
    except NotFound as error:
        raise no_such_file(field, path) from error
    media = media_of_blob(blob=blob, field=field, shown=path)
    if kinds and media.kind not in kinds:
        reason = wrong_kind(media.kind, kinds)
        text = Text(f"{field}: {path} {reason.en}", f"{field}：{path} {reason.zh}")
        raise InvalidParameter.of(field, "kind", text)
    return media


def no_such_file(field: str, path: str) -> NotFound:
    """The refusal of a path that the draft does not have."""
    text = Text(f"{field}: the draft has no file {path}", f"{field}：草稿中没有文件 {path}")
    return NotFound(text, errors=[FieldError(field, "unknown", text)])


def _probed(blob: Blob, field: str, shown: str) -> Facts:
    blobs.release_connection()
    with outbound.scratch() as file:
        try:
            for chunk in blobs.open_stream(blob):
                file.write(chunk)
        except StoreError as error:
            raise Unavailable(blobs.STORE_DOWN) from error
        file.flush()
        try:
            return probe(file)
        except Unfit as error:
            raise NotMedia(field, shown, error.rule, error.reason, code=2005) from error


def _facts(row: MediaInfo) -> Facts:
    return Facts(**{name: getattr(row, name) for name in Facts.__slots__})


def to_media(facts: Facts, *, blob_id: int | None, sha256: str, size: int, url: str) -> Media:
    """What callers get."""
    return Media(
        blob_id=blob_id,
        sha256=sha256,
        size=size,
        kind=facts.kind,
        extension=facts.extension,
        duration=facts.duration,
        width=facts.width,
        height=facts.height,
        rotation=facts.rotation,
        has_audio=facts.has_audio,
        url=url,
    )
