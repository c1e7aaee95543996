"""Read out of documents what lists, filters, search and histories show. The row is the job, as in ``core/persist.py``.

A draft is due while ``described_revision`` is behind its revision, or ``described_head`` behind its head. The newest
edits come first, so that search knows them within a second; what an older release has left is read bit by bit.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from drafts.core.errors import Unavailable
from drafts.core.models import Blob
from drafts.core.persist import LONGEST, backoff, due
from drafts.core.wakeups import wake
from drafts.document import digest
from drafts.document.integrity.model import View
from drafts.document.missing import missing_media
from drafts.models import Draft, DraftContent, DraftFile, DraftSummary, DraftVersion, VersionSummary
from drafts.models.draft import UNDESCRIBED, UNDESCRIBED_HEAD
from drafts.selectors.delivery import stored_document
from drafts.selectors.files import manifest
from drafts.selectors.integrity import findings
from drafts.selectors.timeline import State, get_state, parsed

log = structlog.get_logger(__name__)

TASK = "drafts.describe"
AFTER = 0.25  # seconds after an edit, so that a burst of edits is read once
SECONDS = 0.5
LEASE = 120.0
BATCH = 50
KILLED = "ended the worker each time"


def wake_describe() -> None:
    """Have the draft of this transaction described soon after the commit."""
    wake(TASK, after=AFTER)


def describe(*, seconds: float = SECONDS) -> int:
    """Describe what is due, working contents first; returns how many contents and versions were described.

    Ends after ``seconds``, and sooner while blobs wait for the store: those come first.
    """
    deadline = time.monotonic() + seconds
    done = 0
    for step in (_describe_content, partial(_describe_versions, deadline)):
        while (count := step()) is not None:
            done += count
            if _must_stop(deadline):
                return done
    return done


def _must_stop(deadline: float) -> bool:
    return time.monotonic() > deadline or Blob.objects.filter(due()).exists()


def _claim(undescribed: Q, prefix: str = "") -> DraftSummary | None:
    """The summary, with its draft, of the newest edit that is due, as it was before the claim.

    A try is counted before it begins, so that a document that ends the worker is given up too.
    """
    tries, next_try_at, now = f"{prefix}tries", f"{prefix}next_try_at", timezone.now()
    horizon = now + timedelta(seconds=2 * LONGEST)  # beyond it the clock was set back
    waits = Q((f"summary__{next_try_at}__gt", now), (f"summary__{next_try_at}__lt", horizon))
    with transaction.atomic():
        query = Draft.objects.select_for_update(skip_locked=True, of=("self",))
        draft = query.filter(undescribed).exclude(waits).order_by("-updated_at").first()
        if draft is None:
            return None
        summary, _ = DraftSummary.objects.defer("bigrams").get_or_create(draft=draft)
        claim = {tries: F(tries) + 1, next_try_at: now + timedelta(seconds=LEASE)}
        DraftSummary.objects.filter(pk=draft.pk).update(**claim)
    summary.draft = draft
    return summary


def _describe_content() -> int | None:
    summary = _claim(UNDESCRIBED)
    if summary is None:
        return None
    draft, values = summary.draft, dict[str, Any]()
    try:
        if summary.tries >= settings.DESCRIBE_TRIES:
            raise RuntimeError(KILLED)
        values = _facts(draft)
    except Exception as error:  # noqa: BLE001 - one document must not keep the others waiting
        reason = _reason(error, draft=draft.pk)
        if summary.tries + 1 < settings.DESCRIBE_TRIES:
            later = timezone.now() + timedelta(seconds=backoff(summary.tries + 1))
            DraftSummary.objects.filter(pk=draft.pk).update(next_try_at=later)
            return 0
        values = {"error": reason, "text": digest.fold(draft.name)}
    with transaction.atomic():
        newer = Draft.objects.filter(pk=draft.pk, described_revision__lt=draft.revision)
        if newer.update(described_revision=draft.revision):
            changed = {name: value for name, value in values.items() if getattr(summary, name) != value}
            if "text" in changed and connection.vendor == "postgresql":
                changed["bigrams"] = " ".join(sorted(digest.grams(changed["text"])))
            DraftSummary.objects.filter(pk=draft.pk).update(**changed, tries=0, next_try_at=None)
    return 1


def _facts(draft: Draft) -> dict[str, Any]:
    """What the summary says. The content may be newer than ``draft``, which is then still due."""
    state = get_state(draft=draft, number=None)
    severities = Counter(finding.severity for finding in findings(state))
    view = View.of(state.document)
    rows = DraftFile.objects.filter(draft=draft).order_by("path")
    files = list(rows.values_list("path", "removed_in", "blob__size"))
    now = {path: size for path, removed_in, size in files if removed_in is None}
    names = (path.rpartition("/")[2] for path, _, _ in files)
    lines = dict.fromkeys(digest.fold(line) for line in (draft.name, *digest.captions(view), *names))
    return {
        "text": "\n".join(lines)[: settings.MAX_SEARCH_TEXT],
        "app_profile": digest.app_profile(state.document),
        "tracks": len(view.tracks),
        "segments": sum(len(track.segments) for track in view.tracks),
        "errors": severities["error"],
        "warnings": severities["warning"],
        "missing_media": len(missing_media(state.document, now)),
        "files": len(now),
        "size": DraftContent.objects.values_list("size", flat=True).get(draft=draft) + sum(now.values()),
        "error": "",
    }


def _describe_versions(deadline: float) -> int | None:
    summary = _claim(UNDESCRIBED_HEAD, "version_")
    if summary is None:
        return None
    draft, tries, wait, done = summary.draft, summary.version_tries, 0.0, 0
    versions = DraftVersion.objects.filter(draft=draft, pk__gt=draft.described_head).select_related("content")
    before: State | None = None
    for version in versions.order_by("pk")[:BATCH]:
        try:
            if tries >= settings.DESCRIBE_TRIES:
                raise RuntimeError(KILLED)
            before, values = _version_facts(draft, version, before)
        except Unavailable:  # the store, not the version: this counts as no try
            wait = backoff(settings.PERSIST_TRIES)
            break
        except Exception as error:  # noqa: BLE001 - one version must not keep the others waiting
            reason = _reason(error, draft=draft.pk, version=version.number)
            tries += 1
            if tries < settings.DESCRIBE_TRIES:
                wait = backoff(tries)
                break
            before, values = None, {"error": reason}
        _describe_version(version, values)
        tries, done = 0, done + 1
        if _must_stop(deadline):
            break
    later = timezone.now() + timedelta(seconds=wait) if wait else None
    DraftSummary.objects.filter(pk=draft.pk).update(version_tries=tries, version_next_try_at=later)
    return done


def _version_facts(draft: Draft, version: DraftVersion, before: State | None) -> tuple[State, dict[str, Any]]:
    """The state of the version, and what its summary says. Raises ``Unavailable`` when the store fails."""
    number = version.number
    if before is None and number > 1:
        before = get_state(draft=draft, number=number - 1)
    if before is not None and before.version is not None and before.version.content_id == version.content_id:
        state, changes = State(draft, version, before.document), {}
    else:
        state = State(draft, version, parsed(stored_document(draft=draft, version=version)))
        changes = digest.changes(None if before is None else before.document, state.document)
    rows = DraftFile.objects.filter(draft=draft)
    added = set(rows.filter(added_in=number).values_list("path", flat=True))
    removed = set(rows.filter(removed_in=number).values_list("path", flat=True))
    sets = {"files_added": added - removed, "files_removed": removed - added, "files_replaced": added & removed}
    changes |= {name: len(paths) for name, paths in sets.items() if paths}
    severities = Counter(finding.severity for finding in findings(state))
    size = manifest(draft=draft, number=number).aggregate(size=Sum("blob__size", default=0))["size"]
    return state, {
        "changes": changes,
        "errors": severities["error"],
        "warnings": severities["warning"],
        "size": version.content.size + size,
    }


@transaction.atomic
def _describe_version(version: DraftVersion, values: dict[str, Any]) -> None:
    VersionSummary.objects.update_or_create(version=version, defaults=values)
    Draft.objects.filter(pk=version.draft_id, described_head__lt=version.pk).update(described_head=version.pk)


def _reason(error: Exception, **what: Any) -> str:
    """What staff are told; the log knows more."""
    log.warning("not_described", **what, exc_info=error)
    return KILLED if str(error) == KILLED else type(error).__name__
