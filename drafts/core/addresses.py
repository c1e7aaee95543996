"""Which hosts may be called: public addresses, and those of ``OUTBOUND_ALLOWED_HOSTS``.

requests-hardened resolves a name once, refuses what is not public and connects to the address that it checked,
so that a name cannot mean another address a moment later. Names and numbers in any spelling (``2130706433``,
``0x7f.1``, ``0``) are judged by what they resolve to.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
DEFAULT_PORTS = {"http": 80, "https": 443}

# It warns of each refusal with the address; the caller's reply says it without, and the request log has the call.
logging.getLogger("requests_hardened.ip_filter").setLevel(logging.ERROR)


class Forbidden(Exception):
    """The host is not public and not in ``OUTBOUND_ALLOWED_HOSTS``."""


class GuardedAdapter(IPFilterAdapter):  # type: ignore[misc]  # the library is not typed
    """Connects only to public addresses and to those that the operator allowed."""

    def build_connection_pool_key_attributes(self, request: PreparedRequest, verify: Any, cert: Any = None) -> Any:
        """What urllib3 connects to: the checked address. Raises ``Forbidden``."""
        parts = urlsplit(request.url or "")
        host, port = (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        if host in settings.OUTBOUND_ALLOWED_HOSTS or f"{host}:{port}" in settings.OUTBOUND_ALLOWED_HOSTS:
            return HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        inside = _in_allowed_network(host, port)
        if inside is not None:
            return self._pinned(request, verify, cert, inside)
        try:
            host_params, pool_kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
        except InvalidIPAddress as error:
            raise Forbidden from error
        if _is_special(ipaddress.ip_address(host_params["host"].strip("[]"))):
            raise Forbidden
        return host_params, pool_kwargs

    def _pinned(self, request: PreparedRequest, verify: Any, cert: Any, address: Address) -> Any:
        """As the library does for a public address, for one of an allowed network."""
        host_params, pool_kwargs = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        name = host_params["host"]
        request.headers["Host"] = urlsplit(request.url or "").netloc
        if self._is_https_proto:
            pool_kwargs |= {"assert_hostname": name, "server_hostname": name}
        host_params["host"] = f"[{address}]" if address.version == 6 else str(address)
        return host_params, pool_kwargs


def _in_allowed_network(host: str, port: int) -> Address | None:
    """The address of ``host`` if it lies in a network of ``OUTBOUND_ALLOWED_HOSTS``."""
    networks = _networks(settings.OUTBOUND_ALLOWED_HOSTS)
    if not networks:
        return None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
        address = ipaddress.ip_address(str(found).partition("%")[0])
    except (OSError, ValueError, UnicodeError):
        return None
    return address if any(address in network for network in networks) else None


def _networks(entries: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for entry in entries:
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]")))
        except ValueError:
            continue  # a name
    return networks


def _is_special(address: Address) -> bool:
    """What the library lets pass and no media lie at: reserved blocks, IPv4 inside IPv6, old site-local."""
    return not address.is_global or address.is_reserved or bool(getattr(address, "is_site_local", False))
