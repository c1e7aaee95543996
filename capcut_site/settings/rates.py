"""How often one caller may call, by class of route; counted in Redis for all processes (drafts/access/rates.py)."""

from __future__ import annotations

from capcut_site import env

from .base import EMBEDDED

_TIMES = 10 if EMBEDDED else 1  # on somebody's own machine only a runaway loop is meant

RATES = {
    "read": env.rate("RATE_READ", (6000 * _TIMES, 60), "reads and downloads of one caller: calls/seconds; 0: no limit"),
    "write": env.rate("RATE_WRITE", (3000 * _TIMES, 60), "calls of one caller that change or compute: calls/seconds"),
    "upload": env.rate("RATE_UPLOAD", (3000 * _TIMES, 60), "files and ZIPs that one caller sends: calls/seconds"),
    "render": env.rate("RATE_RENDER", (300 * _TIMES, 60), "pictures, comparisons and renders of one caller"),
    "login": env.rate("RATE_LOGIN", (10, 900), "tries to sign in to the admin of one account: tries/seconds"),
}
RATE_ADDRESS_TIMES = env.integer(
    "RATE_ADDRESS_TIMES", 4, "how many times as much one address may call: callers with keys may share it"
)
