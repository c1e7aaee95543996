"""Finding drafts by what people have at hand: an id, a link, a request id, a hash, words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from drafts.access.reach import reach, reached
from drafts.core.errors import DomainError
from drafts.core.identifiers import parse_draft_url
from drafts.core.models import Blob
from drafts.core.rows import fetch_all
from drafts.document import digest
from drafts.models import Draft, DraftEvent, DraftFile, DraftVersion
from drafts.models.draft import UNDESCRIBED

from .events import events_reached

GRAMS = 16  # of a long text; what they let through, LIKE looks at
LONGEST = 1000  # a file URL may have 200 characters of path
_ID = re.compile(r"[0-9A-Za-z]{4,32}")
_REQUEST = re.compile(r"[!-~]{8,64}")
_HASH = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the drafts found, at most ``MAX_FOUND``; ``more`` says that there are others."""

    ids: Sequence[str]
    more: bool


def search_drafts(term: str) -> Found:
    """Drafts with this id, draft_url, file URL, request id or hash, or all these words.

    Words are looked for in the name, the names of files and the captions as the worker has last read them, and in
    the names of drafts that it has yet to read. Beginnings do for ids (4 characters) and hashes (8).
    """
    term = term.strip().replace("\0", " ")[:LONGEST]
    named = _named(term)
    if named is not None:
        return Found([named], more=False)
    found = list(islice(dict.fromkeys(_matches(term)), settings.MAX_FOUND + 1))
    return Found(found[: settings.MAX_FOUND], more=len(found) > settings.MAX_FOUND)


def _named(term: str) -> str | None:
    """The draft that a link or a whole id names."""
    try:
        draft_id = parse_draft_url(term).id
    except DomainError:
        return None
    return draft_id if reached(Draft.objects.filter(pk=draft_id)).exists() else None


def _matches(term: str) -> Iterator[str]:
    """What each way finds, every one of them with an index and a limit; words when it is no request and no hash."""
    sure = [*_of_request(term), *_with_bytes(term.lower())]
    if sure:
        yield from sure
        return
    compact = term.replace("-", "")
    if _ID.fullmatch(compact):
        yield from _ids(reached(Draft.objects.filter(pk__startswith=compact)), "pk")
    words = digest.fold(term).split()
    if words:
        yield from _with_words(words)
        yield from _just_named(words)


def _of_request(request_id: str) -> Iterator[str]:
    if _REQUEST.fullmatch(request_id):
        yield from _ids(events_reached(DraftEvent.objects.filter(request_id=request_id)))


def _with_bytes(start: str) -> Iterator[str]:
    """Drafts that have or had a file, or a version that has a document, whose SHA-256 begins so."""
    blobs = _ids(Blob.objects.filter(sha256__startswith=start), "pk") if _HASH.fullmatch(start) else []
    if blobs:
        yield from _ids(reached(DraftFile.objects.filter(blob__in=blobs), "draft__"))
        yield from _ids(reached(DraftVersion.objects.filter(content__in=blobs), "draft__"))


def _ids(rows: QuerySet[Any], name: str = "draft_id") -> list[Any]:
    return list(rows.values_list(name, flat=True)[: settings.MAX_FOUND + 1])


def _with_words(words: Sequence[str]) -> Iterator[str]:
    """Drafts whose text has all the words; on PostgreSQL by their pairs of characters, which an index knows."""
    conditions = ["text LIKE %s ESCAPE '\\'"] * len(words)
    values: list[Any] = [f"%{_literal(word)}%" for word in words]
    if connection.vendor == "postgresql":
        grams = set[str]().union(*map(digest.grams_of_word, words))
        conditions, values = ["string_to_array(bigrams, ' ') @> %s", *conditions], [sorted(grams)[:GRAMS], *values]
    mine, more = reach()
    where = " AND ".join([*conditions, mine])
    limited = f"{where} LIMIT {settings.MAX_FOUND + 1}"
    tables = "drafts_draftsummary JOIN drafts_draft draft ON draft.id = draft_id"
    rows = fetch_all(f"SELECT draft_id FROM {tables} WHERE {limited}", [*values, *more])
    yield from (row[0] for row in rows)


def _literal(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


def _just_named(words: Sequence[str]) -> Iterator[str]:
    """Among the newest drafts that the worker has yet to read, those whose name has all the words."""
    mine = reached(Draft.objects.filter(UNDESCRIBED))
    newest = mine.order_by("-updated_at").values_list("pk", "name")[: settings.MAX_FOUND]
    for draft_id, name in newest:
        folded = digest.fold(name)
        if all(word in folded for word in words):
            yield draft_id
