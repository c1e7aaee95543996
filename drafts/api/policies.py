"""Content-Security-Policy of every kind of reply: no inline script, no style but ours, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib

from drafts.document.picture.look import style

_PICTURE = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
_STYLE = f"style-src 'self' 'sha256-{_PICTURE}'"  # the style element of a timeline's picture, byte for byte
_FRAME = "base-uri 'none'; frame-ancestors 'none'"

DATA = "default-src 'none'; frame-ancestors 'none'"
FILE = "default-src 'none'; sandbox"  # what somebody uploaded must not run beside the admin
PICTURE = f"default-src 'none'; style-src 'sha256-{_PICTURE}'; sandbox"
PAGE = f"default-src 'none'; script-src 'self'; {_STYLE}; img-src 'self' data:; form-action 'none'; {_FRAME}"
STAFF = (
    f"default-src 'none'; script-src 'self'; {_STYLE}; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    f"{_FRAME}"
)
DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    f"form-action 'none'; {_FRAME}"
)


def policy_for(path: str) -> str:
    """The policy of a reply that has none of its own."""
    if path.startswith("/admin"):
        return STAFF
    return DOCS if path.startswith("/api/docs") else DATA
