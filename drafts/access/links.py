"""Links: capabilities for reading one draft, carried by its draft_url and by the URLs of its files.

A link is named by a letter and a number, which its token says and signs together with the draft's id. ``g3`` is the
standing link of a draft whose ``link_generation`` is 3; revoking it counts that up. ``l12`` is the row 12 of
``DraftLink``, which may expire. Whether a link is in force is asked by the statement that reads the draft.
"""

from __future__ import annotations

from django.conf import settings

from drafts.core.identifiers import canonical_id, check_file_token, file_token

from .caller import current_caller
from .principal import NOBODY, Kind, Principal

STANDING, NAMED = "g", "l"
_WORKING = "w-"  # what the token of a link has before it in file URLs


def shown_link(generation: int) -> str:
    """The link that the caller's URLs carry: the one that they came by, else the standing one; "" in open mode."""
    if settings.ACCESS_MODE == "open":
        return ""
    return current_caller().principal.link or f"{STANDING}{generation}"


def link_token(draft_id: str, link: str) -> str:
    """``key`` of a draft_url; "" for no link."""
    return file_token(draft_id, link=link).removeprefix(_WORKING) if link else ""


def principal_by_link(*, spelling: str, token: str) -> Principal:
    """Who comes with a token, that of a draft_url or that of a file URL; nobody, unless it was made for the draft."""
    draft_id = canonical_id(spelling)
    grant = None
    if draft_id is not None:
        grant = check_file_token(token, draft_id) or check_file_token(f"{_WORKING}{token}", draft_id)
    if draft_id is None or grant is None or not grant.link:
        return NOBODY
    return Principal(Kind.LINK, draft_id=draft_id, link=grant.link, label="link")
