#!/usr/bin/env python
"""Django's command line: ``manage.py dev`` starts the whole service."""

import os
import sys


def main() -> None:
    """Run a management command, or say in one sentence why it cannot start."""
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")
    if sys.argv[1:2] == ["dev"]:
        os.environ["CAPCUT_EMBEDDED"] = "1"
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
