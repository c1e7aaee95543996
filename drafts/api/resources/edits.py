"""``POST /api/v1/drafts/{id}/edits``: several operations as one edit."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.editing.commands import Added, Changed, Result
from drafts.editing.errors import EditError
from drafts.editing.services import Applied, edit_with_media

from ..bodies import json_object
from ..context import context_of
from ..etags import revision_etag, revisions
from ..languages import Language, say
from ..viewsets import ViewSet
from . import edit_schema as schema
from .changes import comparison_out
from .drafts import id_of
from .edit_parsing import Edit, in_our_words, parse_edit, placed
from .queries import flag


class EditRoutes(ViewSet):
    """Edits of one draft."""

    scopes = {
        "create": "drafts:write",
    }

    @extend_schema(**schema.EDIT)
    def create(self, request: Request, draft_id: str) -> Response:
        """Apply operations as one: all of them, as one revision, or none."""
        http = request._request
        compact, edit = id_of(draft_id), parse_edit(json_object(http))
        dry_run, raw = flag(http, "dry_run", default=False), flag(http, "differences", default=False)
        compared = flag(http, "changes", default=True) or raw or dry_run
        try:
            applied = edit_with_media(
                draft_id=compact,
                fetches=edit.media(),
                commands=edit.commands,
                author=edit.author,
                note=edit.note,
                revisions=revisions(http),
                dry_run=dry_run,
                compared=compared,
            )
        except EditError as error:
            raise placed(error) from error
        reply = _edited_out(applied, edit, context_of(http).language)
        if applied.comparison is not None:
            reply["changes"] = comparison_out(applied.comparison, raw=raw or dry_run)
        response = Response(reply)
        response["ETag"] = revision_etag(applied.draft.revision)
        return response


def _edited_out(applied: Applied, edit: Edit, language: Language) -> dict[str, Any]:
    return {
        "revision": applied.draft.revision,
        "changed": applied.changed,
        "results": [
            _result_out(name, result, language) for name, result in zip(edit.names, applied.results, strict=True)
        ],
    }


def _result_out(name: str, result: Result, language: Language) -> dict[str, Any]:
    added = result.segments if isinstance(result, Added) else ()
    changed = result if isinstance(result, Changed) else Changed()
    ids = [placed.segment_id for placed in added] or changed.segment_ids
    return {
        "op": name,
        "track_ids": list(result.track_ids),
        "segment_ids": list(ids),
        "segments": [
            {"id": placed.segment_id, "material_id": placed.material_id, "start": placed.start, "end": placed.end}
            for placed in added
        ],
        "made": list(changed.made),
        "removed": list(changed.removed),
        "warnings": [in_our_words(say(warning, language)) for warning in result.warnings],
    }
