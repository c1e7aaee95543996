"""The WSGI entry point; any WSGI server can carry it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")

application = get_wsgi_application()
