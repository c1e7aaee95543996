"""Who is let in."""

from __future__ import annotations

from capcut_site import env

from .base import EMBEDDED, HOST

LOOPBACK = HOST in {"localhost", "::1"} or HOST.startswith("127.")
ACCESS_MODE = env.choice(
    "ACCESS_MODE",
    "open" if EMBEDDED and LOOPBACK else "keys",
    ("open", "keys"),
    "open: no call needs a key, the default of `make run` on the loopback address; keys: every call needs an API key",
)
ACCESS_OPEN_ANYWHERE = env.flag(
    "ACCESS_OPEN_ANYWHERE", False, "let ACCESS_MODE=open listen on an address that other machines reach"
)
KEY_CACHE_SECONDS = env.integer(
    "KEY_CACHE_SECONDS", 1, "how long a web process believes an API key; a revoked one is refused after that"
)
KEY_OVERLAP_SECONDS = env.integer(
    "KEY_OVERLAP_SECONDS", 86400, "how long an API key that is rotated goes on beside its successor"
)
QUOTA_DRAFTS = env.integer("QUOTA_DRAFTS", 0, "most drafts of a workspace that has no quota of its own; 0: any number")
QUOTA_BYTES = env.integer("QUOTA_BYTES", 0, "most bytes of a workspace that has no quota of its own; 0: any number")
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "drafts.access.members.MembershipBackend"]
