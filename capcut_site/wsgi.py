"""The WSGI entry point; any WSGI server can carry it."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")

if settings.TRACES_TO:
    from capcut_site import tracing

    tracing.start("capcut-web")

application = get_wsgi_application()

# A client gives get_draft 800 ms, also from a process that has just started (contract 3.2): load all views now.
resolve("/")
