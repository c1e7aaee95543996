"""Apply an edit to a draft: all of its commands and files, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

import orjson
import structlog
from django.conf import settings
from django.db import transaction

from drafts.access.caller import current_caller
from drafts.access.idempotency import effect
from drafts.core import collect, gate
from drafts.core.errors import Text, TooLarge
from drafts.core.large import one_at_a_time
from drafts.core.models import Blob
from drafts.document import canonical, paths
from drafts.document.compare import Comparison, compare
from drafts.media.fetch import discarded_unless_used, fetch_all
from drafts.media.info import media_of_file, no_such_file
from drafts.media.types import Fetch, InDraft, Kind, Media, material_name
from drafts.models import Draft
from drafts.selectors.drafts import get_draft
from drafts.selectors.files import manifest
from drafts.selectors.locks import lock_draft, packed_content, touch_blobs
from drafts.services.content import prepare, refusal, touch_draft, write_working
from drafts.services.events import Verb, record
from drafts.services.files import attach
from drafts.services.manifest import Entry
from drafts.services.preconditions import check_revision

from .apply import Edited, TooSlow, apply
from .changes import Operation
from .commands import Added, Result, Source

log = structlog.get_logger(__name__)
_FOLDERS = {"video": "videos", "audio": "audios", "image": "images"}


@dataclass(frozen=True, slots=True)
class Applied:
    """What an edit did: the draft as it is now, the answer of each command, and whether anything changed.

    For a dry run ``changed`` says what would be; the draft is as it was. ``comparison`` is there if it was asked for.
    """

    draft: Draft
    results: tuple[Result, ...]
    changed: bool
    comparison: Comparison | None


def edit_with_media(
    *,
    draft_id: str,
    fetches: Sequence[Fetch | InDraft],
    commands: Callable[[Sequence[Source]], Sequence[Operation]],
    author: str = "",
    note: str = "",
    revisions: frozenset[int] | None = None,
    dry_run: bool = False,
    compared: bool = False,
) -> Applied:
    """Fetch media, then apply the commands that ``commands`` makes of them; the draft is not locked meanwhile.

    Files that the draft has are looked at where they lie. Raises what ``media_of_file``, ``fetch_all`` and
    :func:`edit_draft` raise; nothing is fetched for a draft that cannot be edited.
    """
    gate.check_writable()
    own: dict[InDraft, Media] = {}
    media: Sequence[Media] = ()
    if fetches:
        draft = get_draft(draft_id=draft_id)
        check_revision(draft, revisions)
        own = _own_media(draft, [each for each in fetches if isinstance(each, InDraft)])
        media = fetch_all([each for each in fetches if isinstance(each, Fetch)], draft_id=draft_id)
    fetched = iter(media)
    with discarded_unless_used(media):
        sources = [
            source_of(own[each], path=each.path) if isinstance(each, InDraft) else source_of(next(fetched))
            for each in fetches
        ]
        return edit_draft(
            draft_id=draft_id,
            commands=commands(sources),
            files=[entry_of(each) for each in media if not each.linked],
            uses=list(own),
            author=author,
            note=note,
            revisions=revisions,
            dry_run=dry_run,
            compared=compared,
        )


def edit_draft(
    *,
    draft_id: str,
    commands: Sequence[Operation],
    files: Sequence[Entry] = (),
    uses: Sequence[InDraft] = (),
    author: str = "",
    note: str = "",
    revisions: frozenset[int] | None = None,
    dry_run: bool = False,
    compared: bool = False,
) -> Applied:
    """Apply ``commands`` to the working document and bring ``files`` into the manifest, as one revision.

    An edit that fails, or that is a ``dry_run``, changes nothing, and the blobs of ``files`` that nobody else uses
    go at once. ``uses`` are files that the commands show and that must still be there. ``author`` and ``note`` are
    recorded. Raises ``NotFound``, ``DraftNotFound``, ``Stale``, ``EditError``, ``TooLarge``, ``Conflict``, ``Busy``.
    """
    gate.check_writable()
    fetched = _claimed({file.blob_id for file in files})
    with collect.kept_if_used(fetched), ExitStack() as working:
        with effect():
            draft = lock_draft(draft_id=draft_id)
            check_revision(draft, revisions)
            _check_uses(draft, uses)
            revision = draft.revision
            size, packed = packed_content(draft=draft)
            working.enter_context(one_at_a_time(size))
            before = canonical.decompress(packed, limit=size)
            edited = _applied(before, commands)
            _check_size(draft, edited)
            changed = _write(draft, before, edited, files)
            if dry_run:
                transaction.set_rollback(True)
            elif changed:
                operations = [{_name(each): each} for each in commands]
                done = {"operations": operations, "files": [file.path for file in files]}
                arguments = {**done, "note": note, "revision": draft.revision}
                record(Verb.EDIT, draft_id=draft_id, arguments=arguments, author=author)
        # After the commit: it takes longer than the edit.
        comparison = compare(orjson.loads(before), edited.document) if compared else None
    if dry_run:
        collect.discard(fetched)
        draft.revision = revision
    else:
        said = {name: value for name, value in (("author", author), ("note", note)) if value}
        log.info(
            "draft_edited",
            draft_id=draft_id,
            revision=draft.revision,
            by=current_caller().label(author),
            commands=len(commands),
            **said,
        )
    return Applied(draft, edited.results, changed, comparison)


def _name(command: Operation) -> str:
    """What the operation is called in requests: ``add_captions``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(command).__name__).lower()


def asset_path(media: Media) -> str:
    """Where fetched media lie in a draft: named by their bytes, so a path never gets others (contract 3.12, 8)."""
    return f"assets/{_FOLDERS[media.kind]}/{media.sha256[:32]}{media.extension}"


def entry_of(media: Media) -> Entry:
    """The file that stored media become."""
    return Entry(asset_path(media), media.kind, cast("int", media.blob_id), media.sha256)


def source_of(media: Media, *, path: str = "") -> Source:
    """Media as operations need them: fetched, or those of the file of the draft at ``path``."""
    path = path or asset_path(media)
    return Source(
        path=media.url if media.linked else paths.token_form(path),
        name=material_name(media, path),
        kind=media.kind,
        duration=media.duration,
        width=media.width,
        height=media.height,
        has_audio=media.has_audio,
    )


def _own_media(draft: Draft, wanted: Sequence[InDraft]) -> dict[InDraft, Media]:
    """The facts of files that the draft has; each file is looked at once."""
    found: dict[tuple[str, tuple[Kind, ...]], Media] = {}
    for each in wanted:
        key = each.path, each.kinds
        if key not in found:
            found[key] = media_of_file(draft=draft, path=each.path, field=each.field, kinds=each.kinds)
    return {each: found[each.path, each.kinds] for each in wanted}


def _check_uses(draft: Draft, uses: Sequence[InDraft]) -> None:
    """Raise ``NotFound`` for a file that went since it was looked at."""
    if uses:
        there = set(manifest(draft=draft).values_list("path", flat=True))
        for each in uses:
            if each.path not in there:
                raise no_such_file(each.field, each.path)


def _claimed(ids: Collection[int]) -> list[Blob]:
    """The blobs, touched by this edit: only the edit that touched a blob last may throw it away."""
    if not ids:
        return []
    with transaction.atomic():
        touch_blobs(ids=ids)
        return list(Blob.objects.filter(pk__in=ids))


def _write(draft: Draft, before: bytes, edited: Edited, files: Sequence[Entry]) -> bool:
    attached = attach(draft=draft, entries=files)
    if edited.data != before:
        write_working(draft=draft, prepared=prepare(edited.document, edited.data))
        return True
    if attached:
        touch_draft(draft)
    return attached


def _applied(before: bytes, commands: Sequence[Operation]) -> Edited:
    """Apply ``commands``; others wait for the draft meanwhile. Raises ``TooLarge`` when ``EDIT_SECONDS`` are over."""
    try:
        return apply(before, commands, seconds=settings.EDIT_SECONDS)
    except canonical.DocumentError as error:
        raise refusal(error) from error
    except TooSlow as error:
        limit = settings.EDIT_SECONDS
        raise TooLarge(
            Text(
                f"The operations take longer than {limit} s together (EDIT_SECONDS)",
                f"这些操作总共耗时超过 {limit} 秒（EDIT_SECONDS）",
            )
        ) from error


def _check_size(draft: Draft, edited: Edited) -> None:
    """Raise ``TooLarge`` for segments added beyond ``MAX_SEGMENTS`` and time beyond ``MAX_DURATION_SECONDS``."""
    added = sum(len(result.segments) for result in edited.results if isinstance(result, Added))
    count = sum(len(track["segments"]) for track in edited.document["tracks"])
    limit = settings.MAX_SEGMENTS
    if added and count > limit:
        raise TooLarge(
            Text(
                f"The draft would have {count} segments; the limit is {limit} (MAX_SEGMENTS)",
                f"草稿将有 {count} 个片段；上限为 {limit}（MAX_SEGMENTS）",
            )
        )
    duration, longest = edited.document["duration"], settings.MAX_DURATION_SECONDS
    if duration > max(longest * 1_000_000, draft.duration):
        raise TooLarge(
            Text(
                f"The draft would last {duration / 1_000_000:.0f} s; the limit is {longest} (MAX_DURATION_SECONDS)",
                f"草稿将长达 {duration / 1_000_000:.0f} 秒；上限为 {longest}（MAX_DURATION_SECONDS）",
            )
        )
