"""Replace the working content of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

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
from drafts.document import canonical, paths
from drafts.models import Draft, DraftContent
from drafts.selectors.locks import lock_draft

from .preconditions import check_revision


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


def replace_content(*, draft_id: str, data: bytes, revisions: frozenset[int] | None) -> Draft:
    """Make ``data`` the working content; the same bytes change nothing.

    ``revisions`` are those that If-Match allows, ``None`` any. Raises ``Stale``, ``DraftNotFound`` and what
    :func:`parse` and :func:`prepare` raise.
    """
    gate.check_writable()
    data = paths.tokenise(data, draft_id=draft_id)
    prepared = prepare(parse(data), data)
    with transaction.atomic():
        draft = lock_draft(draft_id=draft_id)
        check_revision(draft, revisions)
        current = DraftContent.objects.values_list("sha256", flat=True).get(draft_id=draft_id)
        if current != prepared.sha256:
            write_working(draft=draft, prepared=prepared)
        return draft


def write_working(*, draft: Draft, prepared: Prepared) -> None:
    """Write content and draft row of a locked draft: revision + 1."""
    prepared.describe(draft)
    write_content(draft=draft, prepared=prepared, new=False)
    touch_draft(draft)


def touch_draft(draft: Draft) -> None:
    """Write an edited, locked draft: revision + 1, edited now."""
    draft.revision += 1
    draft.updated_at = timezone.now()
    draft.save()


def write_content(*, draft: Draft, prepared: Prepared, new: bool) -> None:
    """Write the content row of a locked or new draft."""
    row = DraftContent(draft=draft, sha256=prepared.sha256, size=prepared.size, data=prepared.packed)
    row.save(force_insert=new, force_update=not new)
