"""Replace the working content of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.core.errors import (
    DomainError,
    Encrypted,
    FieldError,
    InvalidParameter,
    Text,
    TooLarge,
    Unsupported,
)
from drafts.core.large import Unread, in_turn
from drafts.core.rows import execute, moment
from drafts.document import canonical, paths
from drafts.models import Draft, DraftContent
from drafts.selectors.locks import lock_draft

from .describe import wake_describe
from .events import Verb, record
from .preconditions import check_revision
from .quotas import grow


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be written: parsed, hashed and compressed outside any transaction."""

    sha256: str
    size: int
    packed: bytes
    facts: canonical.DocumentFacts

    def describe(self, draft: Draft) -> None:
        """Copy the document's facts to the draft's row."""
        draft.width, draft.height = self.facts.width, self.facts.height
        draft.fps, draft.duration = self.facts.fps, self.facts.duration


def prepare(document: dict[str, Any], data: bytes) -> Prepared:
    """Hash and compress ``data``, the bytes of ``document``. Raises ``InvalidParameter`` for a canvas too large."""
    check_size(len(data))
    facts = canonical.facts(document)
    if max(facts.width, facts.height) > settings.MAX_CANVAS_SIDE:
        text = Text(
            f"canvas_config must be at most {settings.MAX_CANVAS_SIDE} pixels wide and high (MAX_CANVAS_SIDE)",
            f"canvas_config 的宽和高不得超过 {settings.MAX_CANVAS_SIDE} 像素（MAX_CANVAS_SIDE）",
        )
        raise InvalidParameter.of("canvas_config", "max_value", text)
    return Prepared(canonical.sha256_hex(data), len(data), canonical.compress(data), facts)


def check_size(size: int) -> None:
    """Raise ``TooLarge`` for a document beyond ``MAX_DOCUMENT_BYTES``."""
    if size > settings.MAX_DOCUMENT_BYTES:
        limit = settings.MAX_DOCUMENT_BYTES
        raise TooLarge(
            Text(
                f"The document has {size} bytes; the limit is {limit} (MAX_DOCUMENT_BYTES)",
                f"草稿文件为 {size} 字节；上限为 {limit}（MAX_DOCUMENT_BYTES）",
            )
        )


def parse(data: bytes) -> dict[str, Any]:
    """The document in ``data``. Raises ``Encrypted``, ``Unsupported`` or ``InvalidParameter``."""
    try:
        return canonical.parse_document(data, max_depth=settings.MAX_DOCUMENT_DEPTH)
    except canonical.DocumentError as error:
        raise refusal(error) from error


def refusal(error: canonical.DocumentError) -> DomainError:
    """The domain error for a document that cannot be taken."""
    place = f" ({error.place})" if error.place else ""
    text = Text(f"{explained(error)}{place}", f"{explained(error)}{place}")
    if error.reason == "encrypted":
        return Encrypted()
    if error.reason in {"damaged", "unsupported", "not_object"}:
        return Unsupported(hint=text)
    return InvalidParameter(text, errors=[FieldError(error.place or "document", error.reason, text)])


def explained(error: canonical.DocumentError) -> str:
    """What is wrong, with the setting behind a limit."""
    return f"{error.message} (MAX_DOCUMENT_DEPTH)" if error.reason == "too_deep" else error.message


def replace_content(*, draft_id: str, document: Unread, revisions: frozenset[int] | None) -> Draft:
    """Make ``document`` the working content; the same bytes change nothing.

    ``revisions`` are those that If-Match allows, ``None`` any. Raises ``Stale``, ``DraftNotFound`` and what
    :func:`parse` and :func:`prepare` raise.
    """
    gate.check_writable()
    with in_turn(document) as [data]:
        data = paths.tokenise(data, draft_id=draft_id)
        prepared = prepare(parse(data), data)
    with effect():
        draft = lock_draft(draft_id=draft_id)
        check_revision(draft, revisions)
        if _update_content(draft, prepared, unless_same=True):
            prepared.describe(draft)
            touch_draft(draft)
            record(Verb.CONTENT, draft_id=draft.pk, arguments={"size": prepared.size, "revision": draft.revision})
        return draft


def write_working(*, draft: Draft, prepared: Prepared) -> None:
    """Write content and draft row of a locked draft: revision + 1."""
    prepared.describe(draft)
    _update_content(draft, prepared)
    touch_draft(draft)


def touch_draft(draft: Draft) -> None:
    """Write an edited, locked draft: revision + 1, edited now. Its head and its place in the trash stay."""
    draft.revision += 1
    draft.updated_at = timezone.now()
    described = [draft.name, draft.width, draft.height, draft.fps, draft.duration]
    execute(_TOUCH, [*described, draft.revision, moment(draft.updated_at), draft.pk])
    wake_describe()


_CONTENT = "UPDATE drafts_draftcontent SET sha256 = %s, size = %s, data = %s WHERE draft_id = %s"
_TOUCH = """
UPDATE drafts_draft SET name = %s, width = %s, height = %s, fps = %s, duration = %s, revision = %s, updated_at = %s
WHERE id = %s
"""


def insert_content(*, draft: Draft, prepared: Prepared) -> None:
    """Write the content row of a new draft."""
    row = DraftContent(draft=draft, sha256=prepared.sha256, size=prepared.size, data=prepared.packed)
    row.save(force_insert=True)
    grow(str(draft.workspace_id), drafts=1, size=prepared.size)


def _update_content(draft: Draft, prepared: Prepared, *, unless_same: bool = False) -> bool:
    """Write the content row of a locked draft; false when the bytes that are there are the same."""
    values = [prepared.sha256, prepared.size, prepared.packed, draft.pk]
    condition, more = (" AND sha256 <> %s", [prepared.sha256]) if unless_same else ("", [])
    if not execute(_CONTENT + condition, [*values, *more]):
        return False
    grow(str(draft.workspace_id), size=prepared.size)
    return True
