"""``/api/v1/catalogue``: what JianYing can apply, searchable."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from drafts.core.errors import NotFound, Text
from drafts.core.links import base_url
from drafts.editing.catalogue import Entry, Kind, closest, entries, search

from ..bodies import SHORT, StringField, validated
from ..capcut_mate.fields import LaxInteger
from ..etags import not_modified
from ..viewsets import ViewSet
from . import catalogue_schema as schema
from .queries import flag


class CatalogueQuery(serializers.Serializer[None]):
    """What to look for, and which page of it."""

    q = StringField(default="", **SHORT)
    page = LaxInteger(default=1, min_value=1)
    page_size = LaxInteger(default=settings.PAGE_SIZE, min_value=1, max_value=settings.MAX_PAGE_SIZE)


class CatalogueRoutes(ViewSet):
    """The kinds, and the entries of one."""

    scopes = {
        "list": "drafts:read",
        "retrieve": "drafts:read",
    }

    @extend_schema(**schema.LIST_KINDS)
    def list(self, request: Request) -> HttpResponseBase:
        """Every kind with the number of its entries, and of those for VIP users."""
        base = f"{base_url(request._request)}/api/v1/catalogue"
        return _tagged(request._request, [_kind_out(kind, base) for kind in Kind])

    @extend_schema(**schema.LIST_ENTRIES)
    def retrieve(self, request: Request, kind: str) -> HttpResponseBase:
        """The entries of a kind; ``closest`` has names to try when ``q`` finds none."""
        known = _known(kind)
        wanted = validated(CatalogueQuery, request.query_params.dict())
        vip = flag(request._request, "vip", default=None)
        found = search(known, wanted["q"])
        if vip is not None:
            found = [entry for entry in found if entry.is_vip is vip]
        start = (wanted["page"] - 1) * wanted["page_size"]
        end = start + wanted["page_size"]
        reply = {
            "count": len(found),
            "next": _page_url(request, wanted["page"] + 1) if end < len(found) else None,
            "previous": _page_url(request, wanted["page"] - 1) if wanted["page"] > 1 else None,
            "closest": [] if found else closest(known, wanted["q"]),
            "results": [_entry_out(entry) for entry in found[start:end]],
        }
        return _tagged(request._request, reply)


def _known(kind: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        names = ", ".join(Kind)
        raise NotFound(Text(f"There is no such kind; there are {names}", f"没有这个种类；已有：{names}")) from None


def _page_url(request: Request, page: int) -> str:
    return str(replace_query_param(f"{base_url(request._request)}{request.get_full_path()}", "page", page))


def _kind_out(kind: Kind, base: str) -> dict[str, Any]:
    listed = entries(kind)
    return {"kind": kind, "count": len(listed), "vip": sum(entry.is_vip for entry in listed), "url": f"{base}/{kind}"}


def _entry_out(entry: Entry) -> dict[str, Any]:
    params = [
        {"name": param.name, "default": param.default, "min": param.least, "max": param.most} for param in entry.params
    ]
    return {**asdict(entry), "params": params}


def _tagged(request: HttpRequest, reply: Any) -> HttpResponseBase:
    """The reply with the hash of its bytes as ETag, or 304 when the client has it."""
    etag = f'"{hashlib.sha256(orjson.dumps(reply)).hexdigest()[:32]}"'
    response = not_modified(request, etag) or Response(reply)
    response["ETag"] = etag
    return response
