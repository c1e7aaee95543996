"""What workspaces hold."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from drafts.access.models import Workspace
from drafts.core.rows import fetch_one

_MINE = "draft.workspace_id = %s AND draft.purged_at IS NULL"
_USED = f"""
SELECT
(SELECT count(*) FROM drafts_draft draft WHERE {_MINE}),
(SELECT coalesce(sum(content.size), 0) FROM drafts_draftcontent content
 JOIN drafts_draft draft ON draft.id = content.draft_id WHERE {_MINE})
+ (SELECT coalesce(sum(blob.size), 0) FROM drafts_draftversion version
 JOIN drafts_core_blob blob ON blob.id = version.content_id
 JOIN drafts_draft draft ON draft.id = version.draft_id WHERE {_MINE})
+ (SELECT coalesce(sum(blob.size), 0) FROM drafts_draftfile file
 JOIN drafts_core_blob blob ON blob.id = file.blob_id
 JOIN drafts_draft draft ON draft.id = file.draft_id WHERE {_MINE})
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a workspace holds, and may hold; ``None`` for any number.

    ``drafts`` are those in the trash too. ``size`` is in bytes: of each draft its document, those of its versions, and
    each file that it or a version has. Bytes that drafts share count for each of them.
    """

    workspace: Workspace
    drafts: int
    size: int
    max_drafts: int | None
    max_bytes: int | None


def used(workspace_id: str) -> tuple[int, int]:
    """Drafts and bytes of a workspace, counted now."""
    row = fetch_one(_USED, [workspace_id] * 4)
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def quotas_of(workspace: Workspace) -> tuple[int | None, int | None]:
    """Most drafts and most bytes: the workspace's own, else those of the settings."""
    drafts, size = workspace.max_drafts, workspace.max_bytes
    return (
        drafts if drafts is not None else settings.QUOTA_DRAFTS or None,
        size if size is not None else settings.QUOTA_BYTES or None,
    )


def standing_of(workspace_id: str) -> Standing:
    """Where a workspace stands now."""
    workspace = Workspace.objects.filter(pk=workspace_id).first() or Workspace(pk=workspace_id)
    return Standing(workspace, *used(workspace_id), *quotas_of(workspace))
