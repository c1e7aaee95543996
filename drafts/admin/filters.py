"""Filters of lists under bilingual headings; Django's own take the name of the field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList

from drafts.core.words import both

from .terms import word


class Headed(admin.FieldListFilter):
    """A filter with a heading of its own."""

    heading: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.heading


class Worded(Headed, admin.ChoicesFieldListFilter):
    """The choices of a field, each in the reader's language."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """All of them, then one after the other."""
        everything, *values = super().choices(changelist)
        yield everything
        for (value, _), choice in zip(self.field.flatchoices, values, strict=True):
            yield {**choice, "display": word(value)}


class OriginFilter(Worded):
    """How a version was made."""

    heading = both("origin", "来源")


class StoringFilter(Worded):
    """Whether the bytes are in the object store."""

    heading = both("state in the store", "存储状态")


class KindFilter(Worded):
    """Kinds of files."""

    heading = both("kind", "类型")


class DoorFilter(Worded):
    """Ways in."""

    heading = both("door", "入口")


class UserFilter(Headed, admin.RelatedFieldListFilter):
    """Whose account it was."""

    heading = both("user", "用户")


class CreatedFilter(Headed, admin.DateFieldListFilter):
    """When a row was made."""

    heading = both("creation", "创建时间")


class DoomedFilter(Headed, admin.DateFieldListFilter):
    """Since when an object is to be deleted."""

    heading = both("time", "时间")


class LastEditFilter(Headed, admin.DateFieldListFilter):
    """When a draft was last edited."""

    heading = both("last edit", "最后编辑")
