"""Failures as RFC 9457 problem objects, the same on every surface (DESIGN section 4)."""

from __future__ import annotations

import errno
import sys
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions

from drafts.access import refusals
from drafts.access.caller import current_caller
from drafts.core import pool
from drafts.core.errors import Busy, DomainError, Text, Unavailable
from drafts.core.identifiers import parse_draft_url

from .context import context_of
from .languages import Language, say

log = structlog.get_logger(__name__)

CAPCUT_MATE = ("/openapi/capcut-mate/", "/v1/get_draft")
FILES = "/openapi/capcut-mate/v1/files/"


class Refusal(DomainError):
    """A failure of HTTP itself: unknown path, wrong method, media type, host."""

    def __init__(self, status: int, code: int, detail: Text, *, hint: Text | None = None) -> None:
        super().__init__(detail, hint=hint, code=code)
        self.status = status
        self.label = detail


class Internal(DomainError):
    """Anything unforeseen; the log has what it was."""

    status = 500
    code = 9998
    label = Text("Internal server error", "系统内部错误")
    hint = Text(
        "This is a fault of the server; its log has the details under the request_id.",
        "这是服务器故障；请凭 request_id 查看服务器日志。",
    )


UNKNOWN_PATH = Text("There is nothing at this address", "该地址不存在")
UNKNOWN_HOST = Text("Unknown host", "未知主机名")
HOST_HINT = Text(
    "Add the host name to ALLOWED_HOSTS, or set PUBLIC_URL to the address that clients use.",
    "请将该主机名加入 ALLOWED_HOSTS，或将 PUBLIC_URL 设为客户端使用的地址。",
)


DISK_FULL = Text(
    "The server's disk is full; reads go on. Try again after Retry-After.",
    "服务器磁盘已满；读取不受影响。请在 Retry-After 之后重试。",
)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
UNREADABLE = Text("The request cannot be read", "请求无法解析")
_TITLES = {413: "Content Too Large", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}  # as RFC 9110 has them
_DJANGO_LIMITS = {
    "RequestDataTooBig": (413, 3002, "Form fields have more bytes", "表单字段字节数", "DATA_UPLOAD_MAX_MEMORY_SIZE"),
    "TooManyFieldsSent": (400, 1001, "There are more fields", "字段数量", "DATA_UPLOAD_MAX_NUMBER_FIELDS"),
    "TooManyFilesSent": (400, 1001, "There are more files", "文件数量", "DATA_UPLOAD_MAX_NUMBER_FILES"),
}


def _too_many(status: int, code: int, en: str, zh: str, setting: str) -> Refusal:
    limit = getattr(settings, setting)
    text = Text(f"{en} than {limit} ({setting})", f"{zh}超过 {limit}（{setting}）")
    return Refusal(status, code, text)


def problem(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The reply for ``error``; on the capcut-mate surface HTTP 200 if ``CAPCUT_MATE_ALWAYS_200`` is set."""
    body = problem_body(request, error)
    note_refusal(request, body)
    status = error.status
    content_type = "application/problem+json"
    if settings.CAPCUT_MATE_ALWAYS_200 and _is_capcut_mate(request.path):
        body = {"code": body["code"], "message": body["message"]}
        status, content_type = 200, "application/json"
    response = HttpResponse(orjson.dumps(body), status=status, content_type=content_type)
    response["Cache-Control"] = "no-store"
    response.failure_status = error.status  # type: ignore[attr-defined]  # read back by failure_status
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if error.etag is not None:
        response["ETag"] = error.etag
    if error.challenge is not None:
        response["WWW-Authenticate"] = error.challenge
    return response


def note_refusal(request: HttpRequest, body: dict[str, Any]) -> None:
    """Have the refusal be found by its request id in the admin."""
    refusals.note(
        request_id=body["request_id"],
        method=request.method or "",
        path=request.path,
        draft_id=_draft_of(request),
        address=current_caller().address,
        status=body["status"],
        code=body["code"],
        sentence=body["detail"],
    )


def _draft_of(request: HttpRequest) -> str:
    """The draft that the request named in its path, its query or its body; "" for none."""
    match = request.resolver_match
    in_path = match.kwargs.get("draft_id") if match else None
    try:
        return parse_draft_url(in_path or getattr(request, "named_draft", None) or request.get_full_path()).id
    except DomainError:
        return ""


def failure_status(response: HttpResponseBase) -> int:
    """The reply's status, or the one that ``CAPCUT_MATE_ALWAYS_200`` hides."""
    return int(getattr(response, "failure_status", response.status_code))


def problem_body(request: HttpRequest, error: DomainError) -> dict[str, Any]:
    """The members of the problem object, in the request's language."""
    context = context_of(request)
    return members_of(error, context.language, context.trace_id)


def members_of(error: DomainError, language: Language, request_id: str) -> dict[str, Any]:
    """As :func:`problem_body`, for any language and request."""
    detail, label = say(error.detail, language), say(error.label, language)
    return {
        "type": "about:blank",
        "title": _TITLES.get(error.status) or HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "message": label if label == detail else f"{label}({detail})",
        "hint": say(error.hint, language) if error.hint else "",
        "retryable": error.retryable,
        "request_id": request_id,
        "errors": [{"field": item.field, "rule": item.rule, "text": say(item.text, language)} for item in error.errors],
    }


def _is_capcut_mate(path: str) -> bool:
    return path.startswith(CAPCUT_MATE) and not path.startswith(FILES)


def exception_handler(raised: Exception, info: dict[str, Any]) -> HttpResponse:
    """Django REST framework's hook: every exception of an API view."""
    request = info["request"]
    view = info.get("view")
    failures: dict[str, Text] = getattr(view, "failures", {})
    error = as_domain_error(raised, failure=failures.get(getattr(view, "action", "") or ""))
    response = problem(request, error)
    if isinstance(raised, exceptions.MethodNotAllowed) and view is not None:
        response["Allow"] = ", ".join(name for name in view.allowed_methods if name != "OPTIONS")
    return response


def as_domain_error(raised: Exception, *, failure: Text | None = None) -> DomainError:
    """The domain error for any exception; what is unforeseen is logged with its traceback."""
    if isinstance(raised, DomainError):
        return raised
    if isinstance(raised, (Http404, exceptions.NotFound)):
        return Refusal(404, 404, UNKNOWN_PATH)
    if isinstance(raised, DisallowedHost):
        return Refusal(400, 1001, UNKNOWN_HOST, hint=HOST_HINT)
    if isinstance(raised, exceptions.MethodNotAllowed):
        return Refusal(405, 405, Text("This method is not allowed here", "该地址不支持此方法"))
    if isinstance(raised, exceptions.UnsupportedMediaType):
        return media_type_refused()
    if isinstance(raised, (PermissionDenied, exceptions.PermissionDenied)):
        return Refusal(403, 1003, Text("Not allowed", "权限不足"))
    if isinstance(raised, SuspiciousOperation):
        limit = _DJANGO_LIMITS.get(type(raised).__name__)
        return _too_many(*limit) if limit else Refusal(400, 1001, UNREADABLE)
    if isinstance(raised, exceptions.ParseError | BadRequest):
        return Refusal(400, 1001, UNREADABLE)
    if isinstance(raised, (OperationalError, InterfaceError)) or pool.is_read_only(raised):
        return _database_error(raised)
    if isinstance(raised, OSError) and raised.errno in _FULL:
        log.warning("disk_full", error=errno.errorcode[raised.errno])
        return Unavailable(hint=DISK_FULL, retry_after=30)
    log.error("unforeseen", exc_info=raised)
    return Internal(failure)


def _database_error(raised: Exception) -> DomainError:
    pool.renew(raised)
    text = str(raised).lower()
    log.warning("database_error", error=type(raised.__cause__ or raised).__name__, text=text[:200])
    if "is full" in text or "disk full" in text or "no space left" in text:
        return Unavailable(hint=DISK_FULL, retry_after=30)
    if "lock timeout" in text or "database is locked" in text or "deadlock" in text:
        return Busy()
    return Unavailable()


def media_type_refused(expected: str = "application/json") -> Refusal:
    """415, naming what is expected."""
    return Refusal(
        415,
        415,
        Text("Unsupported media type", "不支持的媒体类型"),
        hint=Text(f"Send Content-Type: {expected}.", f"请发送 Content-Type: {expected}。"),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return problem(request, as_domain_error(exception or BadRequest()))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is being handled: of a middleware, or of a page of the admin."""
    raised = sys.exc_info()[1]
    return problem(request, as_domain_error(raised) if isinstance(raised, Exception) else Internal())
