"""The staff's door: every draft, its whole history and where its bytes lie, to read and to search."""

from django.contrib import admin

from drafts.core.words import both

from . import access, draft, event, file, operations, storage, version
from .login import LoginForm

__all__ = ["access", "draft", "event", "file", "operations", "storage", "version"]

admin.site.site_header = both("CapCut draft server", "剪映草稿服务器")
admin.site.site_title = admin.site.site_header
admin.site.index_title = both("Drafts", "草稿")
admin.site.login_form = LoginForm
admin.site.enable_nav_sidebar = False  # the lists need the width
