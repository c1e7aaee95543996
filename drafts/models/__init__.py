"""Drafts, their working content, their versions and their files."""

from .content import DraftContent
from .draft import Draft
from .file import DraftFile, RetiredPath
from .version import DraftVersion

__all__ = ["Draft", "DraftContent", "DraftFile", "DraftVersion", "RetiredPath"]
