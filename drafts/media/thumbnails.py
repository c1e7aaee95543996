"""Thumbnails of videos and images, made in the background. The row is the job, as in :mod:`drafts.core.persist`."""

from __future__ import annotations

import io
from collections.abc import Collection
from datetime import timedelta
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from drafts.core import blobs, collect, gate, outbound
from drafts.core.errors import DomainError, NotFound, Text, Unavailable
from drafts.core.models import Blob
from drafts.core.persist import LONGEST, backoff
from drafts.core.storage import StoreError
from drafts.core.turns import turn
from drafts.core.wakeups import wake
from drafts.models import Draft, DraftFile
from drafts.selectors.files import NO_FILE, manifest

from . import child
from .models import Thumbnail
from .probe import Facts, probe
from .sniff import Unfit, sniff

log = structlog.get_logger(__name__)

TASK = "drafts.thumbnails"
SIDE = 320
UNDER_WAY = "being made; or the worker ended while it was"
LARGEST = 256 * 1024
NEWEST, ROUND, EVERY = 2_000, 20_000, 60  # files that one look for missing thumbnails is at; seconds between two
KINDS = (DraftFile.Kind.VIDEO, DraftFile.Kind.IMAGE)
_STILLS = {".jpg": "jpeg_pipe", ".png": "png_pipe", ".webp": "webp_pipe", ".bmp": "bmp_pipe"}
_TURNS = {90: "transpose=1,", 180: "hflip,vflip,", 270: "transpose=2,"}

NOT_YET = Text("The thumbnail is not made yet", "缩略图尚未生成")
NONE_WANTED = Text("Only videos and images have thumbnails", "只有视频和图片有缩略图")


def want(*, blob_ids: Collection[int]) -> None:
    """Have thumbnails made of these blobs, those that have a row already excepted."""
    rows = [Thumbnail(blob_id=blob_id) for blob_id in sorted(blob_ids)]
    Thumbnail.objects.bulk_create(rows, ignore_conflicts=True)
    wake(TASK)


def want_missing(*, limit: int = 500) -> int:
    """Have thumbnails made of uploaded and imported files; returns how many were wanted.

    Of the newest files and of those whose turn it is: all of them would be a scan, once none is missing.
    """
    highest = DraftFile.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    files = DraftFile.objects.filter(kind__in=KINDS, blob__thumbnail__isnull=True, blob__state=Blob.State.STORED)
    found: set[int] = set()
    for ids in (range(highest - NEWEST, highest + 1), turn(DraftFile, size=ROUND, every=EVERY)):
        part = files.filter(pk__gte=ids.start, pk__lt=ids.stop).order_by("-pk")
        found.update(part.values_list("blob_id", flat=True)[:limit])
    if found:
        want(blob_ids=found)
    return len(found)


def thumbnail_of(*, draft: Draft, path: str) -> Blob:
    """The JPEG of a file that the draft has or had; asking for one that nobody wanted yet has it made.

    Raises ``NotFound`` with the reason while there is none.
    """
    rows = DraftFile.objects.filter(draft=draft, path=path).order_by("-pk")
    file = None if "\0" in path else rows.first()
    if file is None:
        raise NotFound(NO_FILE)
    if file.kind not in KINDS:
        raise NotFound(NONE_WANTED)
    row = Thumbnail.objects.select_related("image").filter(blob_id=file.blob_id).first()
    if row is not None and row.image is not None:
        return row.image
    if row is None:
        want(blob_ids=[file.blob_id])
    if row is not None and row.state == Thumbnail.State.FAILED:
        raise NotFound(Text("No thumbnail can be made of this file", "无法为该文件生成缩略图"))
    if not child.available():
        raise NotFound(NOT_YET, hint=child.NoFfmpeg.hint)
    raise NotFound(NOT_YET, hint=Text("Ask again in a few seconds.", "请几秒后再试。"))


def thumbnails_of(*, draft: Draft) -> list[tuple[DraftFile, Blob]]:
    """The working files that have a thumbnail by now, each with its JPEG, in order of path."""
    files = manifest(draft=draft).filter(blob__thumbnail__image__isnull=False)
    pairs = ((file, file.blob.thumbnail.image) for file in files.select_related("blob__thumbnail__image"))
    return [(file, image) for file, image in pairs if image is not None]


def pictured(*, blob_ids: Collection[int]) -> set[int]:
    """Those of the blobs that have a thumbnail by now."""
    return set(Thumbnail.objects.filter(blob_id__in=blob_ids, image__isnull=False).values_list("blob_id", flat=True))


def due() -> Q:
    """Rows to work on now; as in :func:`drafts.core.persist.due`."""
    now = timezone.now()
    horizon = now + timedelta(seconds=LONGEST * 1.25 + 60)
    return Q(state=Thumbnail.State.PENDING) & (Q(next_try_at__lte=now) | Q(next_try_at__gt=horizon))


def make_one() -> bool:
    """Make the thumbnail that waits longest; returns whether there was one to make.

    ``tries`` is written before, so that a file that kills the worker is given up as well.
    """
    if not child.available() or gate.state().maintenance is not None or _is_one_under_way():
        return False
    row = _claim()
    if row is None:
        return False
    try:
        if row.tries >= settings.THUMBNAIL_TRIES and row.error == UNDER_WAY:
            raise Unfit("crash", Text("ended the worker each time", "每次都导致工作进程终止"))
        _made(row, _picture(row.blob))
    except (Unfit, child.ChildFailed, DomainError, StoreError, OSError) as error:
        _failed(row, error)
    return True


def _is_one_under_way() -> bool:
    """One at a time leaves the worker free for what saves wait for."""
    leased = Q(state=Thumbnail.State.PENDING, error=UNDER_WAY, next_try_at__gt=timezone.now())
    return Thumbnail.objects.filter(leased & ~due()).exists()


def _claim() -> Thumbnail | None:
    """The row as it was before it was claimed."""
    with transaction.atomic():
        query = Thumbnail.objects.select_for_update(skip_locked=True, of=("self",)).select_related("blob")
        row = query.filter(due()).order_by("next_try_at").first()
        if row is not None:
            lease = timezone.now() + timedelta(seconds=2 * settings.PROBE_SECONDS + 60)
            claim = {"tries": F("tries") + 1, "next_try_at": lease, "error": UNDER_WAY}
            Thumbnail.objects.filter(pk=row.pk).update(**claim)
    return row


def _picture(blob: Blob) -> bytes:
    blobs.release_connection()
    with outbound.scratch() as file:
        for chunk in blobs.open_stream(blob):
            file.write(chunk)
        file.flush()
        facts = probe(file)
        if facts.kind == "audio":
            raise Unfit("kind", NONE_WANTED)
        return _drawn(file, facts)


def _drawn(file: BinaryIO, facts: Facts) -> bytes:
    """A JPEG of at most ``SIDE`` pixels: the picture, or a frame from the first second of the film."""
    still = _STILLS.get(facts.extension)
    turn = _TURNS.get(facts.rotation, "") if still else ""  # films are turned by ffmpeg itself
    scale = f"{turn}scale='min({SIDE},iw)':'min({SIDE},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2"
    reader = ["-noautorotate", "-f", still] if still else ["-f", sniff(file).demuxer]
    moment = [] if still else ["-ss", f"{min(1_000_000, facts.duration // 3) / 1e6:.3f}"]
    options = ["-v", "error", "-nostdin", "-threads", "1", "-protocol_whitelist", "file,pipe", *reader]
    output = ["-an", "-frames:v", "1", "-vf", scale, "-pix_fmt", "yuvj420p", "-q:v", "5", "-f", "mjpeg", "pipe:1"]
    data, _ = child.run("ffmpeg", [*options, *moment, "-i", "{}", *output], source=file)
    if not data or len(data) > LARGEST:
        raise child.ChildFailed("ffmpeg drew nothing")
    return data


def _made(row: Thumbnail, data: bytes) -> None:
    image = blobs.put(io.BytesIO(data), length=len(data))
    with collect.kept_if_used([image]), transaction.atomic():
        blobs.touch(blob_id=image.pk)
        state = Thumbnail.State.MADE
        Thumbnail.objects.filter(pk=row.pk).update(image=image, state=state, error="")


def _failed(row: Thumbnail, error: Exception) -> None:
    final = isinstance(error, Unfit) or (
        row.tries + 1 >= settings.THUMBNAIL_TRIES and not isinstance(error, (Unavailable, StoreError, OSError))
    )
    state = Thumbnail.State.FAILED if final else Thumbnail.State.PENDING
    later = timezone.now() + timedelta(seconds=backoff(row.tries + 1))
    Thumbnail.objects.filter(pk=row.pk).update(state=state, error=str(error)[:300], next_try_at=later)
    log.info("thumbnail_not_made", blob=row.blob_id, tries=row.tries + 1, error=str(error)[:300])
