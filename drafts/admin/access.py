"""Who has access: keys, links and members of workspaces, and what each workspace may hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import ForeignKey, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from drafts.access.keys import Made, list_keys, make_key, revoke_key, rotate_key
from drafts.access.members import MANAGE, list_members, managed
from drafts.access.models import ApiKey, Membership, Workspace
from drafts.access.principal import SCOPES, USUAL_SCOPES
from drafts.core.errors import DomainError
from drafts.core.words import both
from drafts.models import DraftLink
from drafts.selectors.links import links_in_reach
from drafts.selectors.usage import Standing, standing_of
from drafts.services import quotas
from drafts.services.links import revoke_link

from .base import GuardedAdmin, Trail, column, demands, shown, state_tag
from .keeping import Asking
from .look import trouble
from .terms import say

SHOWN_LINKS = 200


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        label=both("Name", "名称"),
        max_length=settings.MAX_NAME_LENGTH,
        help_text=both("who uses it; records name the key by it", "使用者；记录以此名称显示该密钥"),
    )
    workspace = forms.ModelChoiceField(
        label=both("Workspace", "工作区"), queryset=Workspace.objects.none(), empty_label=None
    )
    scopes = forms.MultipleChoiceField(
        label=both("What it may do", "权限"), choices=(), widget=forms.CheckboxSelectMultiple
    )
    expires_at = forms.DateTimeField(
        label=both("Expires", "过期时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=both("UTC; empty: never", "UTC；留空表示永不过期"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Choices of the caller, in their language."""
        super().__init__(*args, **kwargs)
        workspaces: Any = self.fields["workspace"]
        workspaces.queryset = managed(Workspace.objects.order_by("pk"), "pk")
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(name, f"{name} – {say(text)}") for name, text in SCOPES.items()]


class RotateForm(forms.Form):
    """How long the old key goes on."""

    hours = forms.IntegerField(
        label=both("The old key goes on for so many hours", "旧密钥继续有效的小时数"), min_value=0, max_value=720
    )


@admin.register(ApiKey)
class ApiKeyAdmin(Asking):
    """The keys of the workspaces that one manages."""

    title = both("API keys", "API 密钥")
    list_display = (
        column("name", "name", "名称"),
        column("prefix", "begins with", "开头"),
        column("workspace_id", "workspace", "工作区"),
        "stands",
        column("last_used_at", "last used", "最后使用"),
        column("expires_at", "expires", "过期时间"),
        column("created_at", "made", "创建时间"),
        column("created_by", "made by", "创建者"),
    )
    search_fields = ("name", "prefix")
    ordering = ("-pk",)
    on_page = (
        column("name", "name", "名称"),
        column("prefix", "begins with", "开头"),
        column("workspace_id", "workspace", "工作区"),
        "stands",
        "may",
        column("created_at", "made", "创建时间"),
        column("created_by", "made by", "创建者"),
        column("last_used_at", "last used", "最后使用"),
        column("expires_at", "expires", "过期时间"),
        column("revoked_at", "revoked", "吊销时间"),
    )
    asks = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        """Those of the workspaces that one manages."""
        return managed(ApiKey.objects.all())

    def get_urls(self) -> list[URLPattern]:
        """Also making and rotating keys, and the review of all that has access."""
        view = self.admin_site.admin_view
        return [
            path("make/", view(self.make_view), name="drafts_access_apikey_make"),
            path("review/", view(self.review_view), name="drafts_access_apikey_review"),
            path("links/<int:pk>/revoke/", view(self.revoke_link_view), name="drafts_access_apikey_revoke_link"),
            path("<int:key>/rotate/", view(self.rotate_view), name="drafts_access_apikey_rotate"),
            *super().get_urls(),
        ]

    @admin.display(description=both("state", "状态"))
    def stands(self, key: ApiKey) -> SafeString:
        """Whether it is in force."""
        return state_tag(key.state)

    @admin.display(description=both("may", "权限"))
    def may(self, key: ApiKey) -> str:
        """Its scopes."""
        return ", ".join(key.scopes)

    def facts(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Whether the buttons are there."""
        return {"title": str(row), "may_change": row.state == "active" and self.has_manage_permission(request)}

    @demands("manage")
    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A form; after a POST the key, this once."""
        title = both("Make an API key", "创建 API 密钥")
        form = KeyForm(request.POST or None, initial={"scopes": sorted(USUAL_SCOPES), "workspace": "default"})
        if form.is_valid():
            given = form.cleaned_data
            act = partial(make_key, **{**given, "workspace": given["workspace"].pk})
            return self._made(request, title, form, act)
        return self.page(request, "key", self._trail(title), form=form)

    @demands("manage")
    def rotate_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A successor; after a POST it is shown, this once."""
        row = self.row(request, str(key))
        title = both("Rotate", "轮换")
        form = RotateForm(request.POST or None, initial={"hours": settings.KEY_OVERLAP_SECONDS // 3600})
        if form.is_valid():
            overlap = timedelta(hours=form.cleaned_data["hours"])
            return self._made(request, title, form, lambda: rotate_key(row, overlap=overlap), row)
        return self.page(request, "key", self._trail(title, row), form=form)

    @demands("manage")
    def revoke_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """No more."""
        row: ApiKey = self.row(request, key)
        words = both(
            "Every program that uses this key is refused within a second. This cannot be undone.",
            "所有使用该密钥的程序将在一秒内被拒绝，且无法撤销。",
        )
        done = both("The key is revoked.", "密钥已吊销。")
        return self.ask(request, row, both("Revoke", "吊销"), words, lambda _: self._revoke(request, row), done=done)

    @demands("manage")
    def review_view(self, request: HttpRequest) -> HttpResponse:
        """All that has access, with its last use."""
        links = list(links_in_reach()[: SHOWN_LINKS + 1])
        trail = self._trail(both("Who has access", "访问权限一览"))
        return self.page(
            request,
            "review",
            trail,
            keys=list_keys(),
            links=links[:SHOWN_LINKS],
            more_links=len(links) > SHOWN_LINKS,
            members=list_members(),
        )

    @demands("manage")
    def revoke_link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A link that ends, with the URLs of files that came by it."""
        row = links_in_reach().filter(pk=pk).first()
        if row is None:
            raise Http404
        if request.method == "POST":
            return self._link_revoked(request, row)
        words = both(
            "Whoever has this link can no longer read the draft. This cannot be undone.",
            "持有该链接的人将无法再读取草稿，且无法撤销。",
        )
        review = reverse("admin:drafts_access_apikey_review")
        title = f"{both('Revoke the link', '吊销链接')} {row}"
        trail = [(review, both("Who has access", "访问权限一览")), ("", title)]
        return self.page(request, "ask", trail, words=words, back=review, button=both("Revoke", "吊销"))

    def _link_revoked(self, request: HttpRequest, row: DraftLink) -> HttpResponse:
        try:
            revoke_link(draft_id=row.draft_id, link_id=row.pk)
            messages.success(request, str(both("The link is revoked.", "链接已吊销。")))
        except DomainError as error:
            messages.error(request, trouble(error))
        return HttpResponseRedirect(reverse("admin:drafts_access_apikey_review"))

    def _revoke(self, request: HttpRequest, key: ApiKey) -> None:
        revoke_key(key)
        self.log_change(request, key, "revoked")

    def _made(
        self, request: HttpRequest, title: Any, form: forms.Form, act: Callable[[], Made], old: ApiKey | None = None
    ) -> HttpResponse:
        """The page that shows a key, or the form again with what is wrong."""
        try:
            made = act()
        except DomainError as error:
            form.add_error(None, trouble(error))
            return self.page(request, "key", self._trail(title, old), form=form)
        self.log_addition(request, made.row, "made" if old is None else f"successor of {old.prefix}")
        return self.page(request, "key", self._trail(title, old), made=made)

    def _trail(self, last: Any, row: ApiKey | None = None) -> Trail:
        trail: list[tuple[str, object]] = [(reverse("admin:drafts_access_apikey_changelist"), self.title)]
        if row is not None:
            trail.append((reverse("admin:drafts_access_apikey_change", args=[row.pk]), str(row)))
        return [*trail, ("", last)]


@admin.register(Membership)
class MembershipAdmin(GuardedAdmin):
    """Members of the workspaces that one manages."""

    list_display = ("user", "workspace", "role", "last_login")
    list_filter = ("role",)
    list_select_related = ("user", "workspace")
    fields = ("user", "workspace", "role")
    actions = None
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description=both("last signed in", "最后登录"), ordering="user__last_login")
    def last_login(self, member: Membership) -> str:
        """When the user last signed in."""
        return shown(getattr(member.user, "last_login", None))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Those of the workspaces that one manages."""
        return managed(Membership.objects.all())

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Staff, in workspaces that one manages."""
        if db_field.name == "workspace":
            kwargs["queryset"] = managed(Workspace.objects.order_by("pk"), "pk")
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _may(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MANAGE))

    def has_view_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Who manages a workspace."""
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who manages a workspace."""
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Who manages a workspace."""
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Who manages a workspace."""
        return self._may(request)


@admin.register(Workspace)
class WorkspaceAdmin(GuardedAdmin):
    """Workspaces, what they hold and what they may hold. None is deleted: its drafts need it."""

    list_display = ("id", "name", "held_drafts", "held_bytes")
    fields = ("id", "name", "max_drafts", "max_bytes")
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        """Those that one manages."""
        return managed(Workspace.objects.all(), "pk")

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: Any) -> None:
        """Quotas hold at once for this process, for others in a second."""
        super().save_model(request, obj, form, change)
        quotas.forget()

    def get_readonly_fields(self, request: HttpRequest, obj: Workspace | None = None) -> Any:
        """An id stays."""
        return ("id",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Never."""
        return False

    @admin.display(description=both("drafts", "草稿"))
    def held_drafts(self, workspace: Workspace) -> str:
        """How many of how many."""
        found = _standing(workspace)
        return _of(str(found.drafts), None if found.max_drafts is None else str(found.max_drafts))

    @admin.display(description=both("size", "大小"))
    def held_bytes(self, workspace: Workspace) -> str:
        """How much of how much."""
        found = _standing(workspace)
        return _of(filesizeformat(found.size), None if found.max_bytes is None else filesizeformat(found.max_bytes))


def _standing(workspace: Any) -> Standing:
    """Counted once for a row."""
    if not hasattr(workspace, "_capcut_standing"):
        workspace._capcut_standing = standing_of(workspace.pk)
    found: Standing = workspace._capcut_standing
    return found


def _of(number: str, most: str | None) -> str:
    return number if most is None else f"{number} / {most}"
