"""The floors: what Django itself costs for one indexed read, and for one inserted row."""

from __future__ import annotations

import functools
import random

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from drafts.models import Draft

from .models import Row


def read_row(request: HttpRequest, draft_id: str) -> JsonResponse:
    """One row by its primary key."""
    draft = Draft.objects.get(pk=draft_id)
    return JsonResponse({"code": 0, "draft_id": draft.pk, "revision": draft.revision})


@csrf_exempt
def insert_row(request: HttpRequest, size: int) -> JsonResponse:
    """One row of ``size`` bytes that this process has at hand."""
    return JsonResponse({"code": 0, "id": Row.objects.create(data=_noise(size)).pk})


@csrf_exempt
def insert_body(request: HttpRequest) -> JsonResponse:
    """One row with the body as it came."""
    return JsonResponse({"code": 0, "id": Row.objects.create(data=request.read()).pk})


@functools.lru_cache
def _noise(size: int) -> bytes:
    return random.randbytes(size)
