"""Who calls, where a proxy stands between: ``X-Forwarded-For`` and ``-Proto`` of ``TRUSTED_PROXIES`` alone count.

Everybody can send these headers, so from others they mean nothing; nor does ``X-Forwarded-Host`` from anybody. WSGI
cannot tell ``X_Forwarded_For`` from the real name, and the server then keeps whichever it meets last: a trusted proxy
must drop names with an underscore (nginx does; deploy/Caddyfile says so).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
SCHEMES = {"http", "https"}


def settle(request: HttpRequest) -> None:
    """Set the request's address and scheme to the client's, if a trusted proxy tells them.

    Each hop appends the address that it was called from; the first from the right that is no trusted proxy's is the
    client's. What stands left of it, the client may have written.
    """
    if not settings.TRUSTED_PROXIES:
        return
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    if address is None or not _trusted(address):
        return
    scheme = request.META.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
    if scheme in SCHEMES:
        request.META["wsgi.url_scheme"] = scheme
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        before = _parsed(hop.strip())
        if before is None:
            break
        address = before
        if not _trusted(address):
            break
    request.META["REMOTE_ADDR"] = str(address)


def _trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> Address | None:
    """An address, with or without a port; ``None`` for anything else."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0] if "." in text else text
    for candidate in (text, bare):
        try:
            address = ip_address(candidate)
        except ValueError:
            continue
        return getattr(address, "ipv4_mapped", None) or address
    return None
