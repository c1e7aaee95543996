"""The product's settings and, for comparison, two plain views and a table that exist only here."""

from capcut_site.settings import *  # noqa: F403 - settings are one namespace
from capcut_site.settings import INSTALLED_APPS as PRODUCT_APPS

INSTALLED_APPS = [*PRODUCT_APPS, "tests.bench"]
ROOT_URLCONF = "tests.bench.urls"
