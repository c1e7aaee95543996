"""Who among the people that are signed in reaches what: staff with rights of their own, and members of workspaces.

Staff with any permission on drafts, by a group or as superusers, reach the drafts of all workspaces. Other staff reach
those of the workspaces that they are members of, and may do what their role says (:data:`GRANTED`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.db.models import Model, QuerySet

from .caller import calling, current_caller
from .models import Membership
from .principal import NOBODY, Kind, Principal
from .reach import in_reach

M = TypeVar("M", bound=Model)
Role = Membership.Role
READ = frozenset({"drafts:read"})
MANAGE = "drafts_access.manage_workspace"
_VIEWER = frozenset(f"drafts.view_{model}" for model in ("draft", "draftversion", "draftfile", "draftevent"))
_EDITOR = _VIEWER | {"drafts.restore_draft", "drafts.trash_draft", "drafts.note_draftversion"}
_ADMIN = _EDITOR | {MANAGE, *(f"drafts_access.view_{model}" for model in ("apikey", "membership", "workspace"))}
GRANTED: dict[str, frozenset[str]] = {Role.VIEWER: _VIEWER, Role.EDITOR: _EDITOR, Role.ADMIN: _ADMIN}
_RANKS = {role: rank for rank, role in enumerate(GRANTED)}


class MembershipBackend(BaseBackend):
    """Django's permissions of a member: of all their roles; in which workspaces they hold says :func:`in_role`."""

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Those of the roles."""
        return {permission for _, role in roles_of(user_obj) for permission in GRANTED[role]}

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether any of them is of that application: its models then stand on the admin's first page."""
        return any(each.startswith(f"{app_label}.") for each in self.get_user_permissions(user_obj))


def roles_of(user: Any) -> tuple[tuple[str, str], ...]:
    """The workspaces that a user is a member of, with their role there; read once for a request."""
    if not (user.is_active and user.is_staff):
        return ()
    if not hasattr(user, "_capcut_roles"):
        rows = Membership.objects.filter(user_id=user.pk).order_by("workspace_id")
        user._capcut_roles = tuple(rows.values_list("workspace_id", "role"))
    found: tuple[tuple[str, str], ...] = user._capcut_roles
    return found


def staff_principal(user: Any) -> Principal:
    """What somebody who is signed in reaches."""
    if not (user.is_active and user.is_staff):
        return NOBODY
    name = user.get_username()
    if user.is_superuser or any(each.startswith("drafts.") for each in ModelBackend().get_all_permissions(user)):
        scopes = READ | {"admin:read"} if user.has_perm(MANAGE) else READ
        return Principal(Kind.STAFF, None, scopes, label=name)
    roles = roles_of(user)
    if not roles:
        return NOBODY
    workspaces = tuple(workspace for workspace, _ in roles)
    managed = [workspace for workspace, role in roles if role == Role.ADMIN]
    scopes = READ | {"admin:read"} if managed else READ
    return Principal(Kind.STAFF, workspaces, scopes, (*managed, *workspaces)[0], name, roles=roles)


def list_members() -> QuerySet[Membership]:
    """The members of the workspaces that the caller manages."""
    rows = managed(Membership.objects.select_related("user"))
    return rows.order_by("workspace_id", f"user__{get_user_model().USERNAME_FIELD}")


def managed(rows: QuerySet[M], way: str = "workspace") -> QuerySet[M]:
    """Those of ``rows`` that belong to workspaces which the caller manages: of members, as their admin."""
    with acting_as(Role.ADMIN):
        return in_reach(rows, way)


def in_role(role: str) -> Principal:
    """The caller, reaching only where they have that role or a higher one; who is no member is let be."""
    principal = current_caller().principal
    if not principal.roles:
        return principal
    kept = tuple(workspace for workspace, given in principal.roles if _RANKS[given] >= _RANKS[role])
    return replace(principal, workspaces=kept)


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """What is done in this block reaches only where the caller has that role."""
    with calling(replace(current_caller(), principal=in_role(role))):
        yield


def may_in(workspace_id: str, role: str) -> bool:
    """Whether the caller has that role in the workspace."""
    workspaces = in_role(role).workspaces
    return workspaces is None or workspace_id in workspaces
