"""Drafts, their working content, their versions and their files, what was done to them and what stands in them."""

from .content import DraftContent
from .draft import Draft
from .event import DraftEvent
from .file import DraftFile, RetiredPath
from .link import DraftLink
from .summary import DraftSummary, VersionSummary
from .version import DraftVersion

__all__ = [
    "Draft",
    "DraftContent",
    "DraftEvent",
    "DraftFile",
    "DraftLink",
    "DraftSummary",
    "DraftVersion",
    "RetiredPath",
    "VersionSummary",
]
