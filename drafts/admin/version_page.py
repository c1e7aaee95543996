"""The page of one version: picture, manifest, document, note; restoring it, copying it as a new draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from drafts.access.members import Role, may_in
from drafts.core.errors import DomainError
from drafts.core.words import both
from drafts.models import DraftFile, DraftVersion
from drafts.selectors.history import changed_manifest
from drafts.selectors.versions import neighbours
from drafts.services.copy import copy_draft, copy_name
from drafts.services.notes import write_note
from drafts.services.restore import restore_version

from .base import Trail, demands, rows
from .draft_page import SHOWN_CHANGES, SHOWN_FILES, trail_of
from .keeping import HoldPages
from .look import difference, look_at, trouble


class NoteForm(forms.Form):
    """What people say of a version."""

    note = forms.CharField(label=both("Note", "备注"), max_length=settings.MAX_NAME_LENGTH, required=False)


class NameForm(forms.Form):
    """The name of a draft."""

    name = forms.CharField(label=both("Name", "名称"), max_length=settings.MAX_NAME_LENGTH, required=False)


class VersionPages(HoldPages):
    """What leads on from a version in the list."""

    def get_urls(self) -> list[URLPattern]:
        """Its own pages before those of the admin."""
        views = {"restore": self.restore_view, "copy": self.copy_view, "note": self.note_view}
        own = [
            path(f"<int:key>/{name}/", self.admin_site.admin_view(view), name=f"drafts_draftversion_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def facts(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of a version shows."""
        version: DraftVersion = row
        files = list(changed_manifest(version=version).select_related("blob__thumbnail")[: SHOWN_FILES + 1])
        draft = version.draft
        mine = draft.deleted_at is None and may_in(str(draft.workspace_id), Role.EDITOR)
        previous, following = neighbours(version=version)
        return {
            "title": title_of(version),
            "trail": trail_to(version),
            "version": version,
            "draft": draft,
            "number": version.number,
            "look": look_at(draft, version.number),
            "files": files[:SHOWN_FILES],
            "more_files": len(files) > SHOWN_FILES,
            "all_files": rows(DraftFile, draft__id=draft.pk),
            "previous": previous,
            "next": following,
            "note_form": NoteForm(initial={"note": version.note}),
            "api": "" if draft.deleted_at else f"/api/v1/drafts/{draft.pk}/versions/{version.number}",
            "may_note": mine and self.has_note_permission(request),
            "may_restore": mine and self.has_restore_permission(request),
            "may_purge": self.has_purge_permission(request),
        }

    def trail_to(self, row: Any) -> Trail:
        """Over the draft."""
        return trail_to(row)

    @demands("restore")
    def restore_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What would change; after a POST it has, as a new version."""
        version = self.row(request, str(key))
        told = f"{both('Restored from version', '恢复自版本')} {version.number}"
        form = NoteForm(request.POST or None, initial={"note": told})
        if form.is_valid():
            try:
                made = restore_version(
                    draft_id=version.draft_id,
                    number=version.number,
                    note=form.cleaned_data["note"],
                )
            except DomainError as error:
                return self._refused(request, version, error)
            text = both("Version {} was restored as version {}.", "版本 {} 已恢复为版本 {}。")
            messages.success(request, str(text).format(version.number, made.number))
            return HttpResponseRedirect(reverse("admin:drafts_draft_change", args=[version.draft_id]))
        return self.page(
            request,
            "restore",
            [*trail_to(version), ("", f"{both('Restore version', '恢复版本')} {version.number}")],
            version=version,
            draft=version.draft,
            form=form,
            difference=difference(version.draft, None, version.number),
            shown=SHOWN_CHANGES,
        )

    @demands("restore")
    def copy_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A name for the new draft; after a POST there it is."""
        version = self.row(request, str(key))
        form = NameForm(request.POST or None, initial={"name": copy_name(version.draft, both(" (copy)", "（副本）"))})
        if form.is_valid():
            try:
                made = copy_draft(
                    draft_id=version.draft_id,
                    number=version.number,
                    name=form.cleaned_data["name"],
                )
            except DomainError as error:
                return self._refused(request, version, error)
            messages.success(request, both("This is the copy.", "这是复制出的草稿。"))
            return HttpResponseRedirect(reverse("admin:drafts_draft_change", args=[made.pk]))
        trail = [*trail_to(version), ("", f"{both('Copy version', '复制版本')} {version.number}")]
        return self.page(request, "copy", trail, version=version, draft=version.draft, form=form)

    @demands("note")
    def note_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Another note."""
        version = self.row(request, str(key))
        form = NoteForm(request.POST or None)
        if form.is_valid():
            try:
                write_note(draft_id=version.draft_id, number=version.number, note=form.cleaned_data["note"])
            except DomainError as error:
                return self._refused(request, version, error)
            messages.success(request, both("The note is written.", "备注已保存。"))
        for text in form.errors.get("note", ()):
            messages.error(request, str(text))
        return HttpResponseRedirect(page_of(version))

    def _refused(self, request: HttpRequest, version: DraftVersion, error: DomainError) -> HttpResponse:
        messages.error(request, trouble(error))
        return HttpResponseRedirect(page_of(version))


def page_of(version: DraftVersion) -> str:
    """The address of a version's page."""
    return reverse("admin:drafts_draftversion_change", args=[version.pk])


def title_of(version: DraftVersion) -> str:
    """``Version 3``."""
    return f"{both('Version', '版本')} {version.number}"


def trail_to(version: DraftVersion) -> Trail:
    """The way from the list of drafts to a version."""
    return [*trail_of(version.draft), (page_of(version), title_of(version))]
