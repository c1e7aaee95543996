"""Domain errors with their HTTP status, their number and their texts in both languages.

Numbers below 3000 and their labels are those of the reference (contract 1.6); 3000 to 3013 are ours
(DESIGN section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in English and Chinese."""

    en: str
    zh: str

    def format(self, **values: object) -> Text:
        """The sentence with its placeholders filled."""
        return Text(self.en.format(**values), self.zh.format(**values))


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its dotted path, the rule that it breaks, a sentence."""

    field: str
    rule: str
    text: Text


class DomainError(Exception):
    """A refusal that the caller can understand. ``detail`` is the sentence, ``hint`` says what to do."""

    status = 400
    code = 1001
    label = Text("Parameter validation failed", "参数校验失败")
    hint: Text | None = None
    retryable = False
    challenge: str | None = None  # WWW-Authenticate

    def __init__(
        self,
        detail: Text | None = None,
        *,
        hint: Text | None = None,
        errors: Sequence[FieldError] = (),
        code: int | None = None,
        retry_after: int | None = None,
        etag: str | None = None,
    ) -> None:
        self.detail = detail or self.label
        self.hint = hint or self.hint
        self.errors = tuple(errors)
        self.code = code or self.code
        self.retry_after = retry_after
        self.etag = etag
        super().__init__(self.detail.en)


class InvalidParameter(DomainError):
    """A field is missing, mistyped or out of range."""

    @classmethod
    def of(cls, field: str, rule: str, text: Text, *, hint: Text | None = None) -> InvalidParameter:
        """One broken rule of one field, which is also the sentence of the whole."""
        return cls(text, hint=hint, errors=[FieldError(field, rule, text)])


class Unauthenticated(DomainError):
    """There is no key, or one that is unknown, revoked or expired (RFC 6750 section 3)."""

    status = 401
    code = 1004
    label = Text("An API key is required", "需要 API 密钥")
    hint = Text(
        "Send a key of this server: Authorization: Bearer ck_..., or X-API-Key: ck_...",
        "请发送本服务器的密钥：Authorization: Bearer ck_... 或 X-API-Key: ck_...",
    )

    def __init__(self, detail: Text | None = None, *, error: str = "") -> None:
        super().__init__(detail)
        code = f'error="{error}", ' if error else ""
        self.challenge = f'Bearer realm="drafts", {code}error_description="{self.detail.en}"'


class Forbidden(DomainError):
    """The caller is known, and may not do this."""

    status = 403
    code = 1003
    label = Text("Not allowed", "权限不足")

    @classmethod
    def without(cls, scope: str) -> Forbidden:
        """For want of a scope."""
        error = cls(Text(f"This needs the scope {scope}", f"此操作需要权限 {scope}"))
        error.hint = Text("Use a key that has this scope.", "请使用具有该权限的密钥。")
        error.challenge = f'Bearer realm="drafts", error="insufficient_scope", scope="{scope}"'
        return error


class InvalidDraftUrl(DomainError):
    """The draft_url names no draft."""

    code = 2001
    label = Text("Invalid draft_url format", "draft_url格式无效")
    hint = Text(
        "A draft_url looks like https://HOST/openapi/capcut-mate/v1/get_draft?draft_id=ID, as create_draft gave it.",
        "draft_url 形如 https://HOST/openapi/capcut-mate/v1/get_draft?draft_id=ID，即 create_draft 返回的值。",
    )


class NotFound(DomainError):
    """A resource other than a draft does not exist."""

    status = 404
    code = 1002
    label = Text("Resource not found", "资源不存在")


class DraftNotFound(NotFound):
    """The draft does not exist or is in the trash."""

    code = 2001
    label = Text("Draft does not exist", "草稿不存在")
    hint = Text(
        "Check the draft id, or create a draft with create_draft.",
        "请检查草稿 id，或用 create_draft 创建草稿。",
    )


class Conflict(DomainError):
    """Other bytes under a media path that the draft ever used."""

    status = 409
    code = 3000
    label = Text("Conflict", "冲突")


class Stale(DomainError):
    """If-Match names another revision than the current one."""

    status = 412
    code = 3001
    label = Text("The draft has changed since", "草稿已被修改")
    hint = Text(
        "Get the content again, apply your change to it, and send the new ETag in If-Match.",
        "请重新获取内容，在其上修改，并在 If-Match 中发送新的 ETag。",
    )


class PreconditionRequired(DomainError):
    """If-Match is demanded and missing."""

    status = 428
    code = 3008
    label = Text("If-Match is required", "缺少 If-Match")
    hint = Text(
        'Send the ETag of GET content, for example If-Match: "r7"; If-Match: * overwrites whatever is there.',
        '请发送 GET content 的 ETag，例如 If-Match: "r7"；If-Match: * 表示无条件覆盖。',
    )


class TooLarge(DomainError):
    """A limit on size is passed; the sentence names the limit and its setting."""

    status = 413
    code = 3002
    label = Text("Too large", "内容过大")


class BodyTimeout(DomainError):
    """The body did not come in time (``BODY_SECONDS``)."""

    status = 408
    code = 3011
    label = Text("The request body did not come in time", "请求体未在规定时间内传输完成")
    hint = Text("Send the request again (BODY_SECONDS).", "请重新发送请求（BODY_SECONDS）。")
    retryable = True


class LengthRequired(DomainError):
    """The body has no Content-Length."""

    status = 411
    code = 3006
    label = Text("Content-Length is required", "缺少 Content-Length")
    hint = Text(
        "Send the body with a Content-Length; chunked transfer encoding is not accepted.",
        "请携带 Content-Length 发送请求体；不接受分块传输编码。",
    )


class Encrypted(DomainError):
    """The document is encrypted by JianYing 6+."""

    status = 422
    code = 3004
    label = Text("The document is encrypted", "草稿文件已加密")
    hint = Text(
        "JianYing 6 and newer encrypt the drafts they save; send a draft that a tool or an older version wrote.",
        "剪映 6 及以上版本会加密其保存的草稿；请发送由工具或旧版本写出的草稿。",
    )


class Unsupported(DomainError):
    """The document is damaged or not a draft."""

    status = 422
    code = 3005
    label = Text("The document is damaged or unsupported", "草稿文件损坏或不受支持")


class Busy(DomainError):
    """The draft is locked for longer than the wait."""

    status = 503
    code = 2042
    label = Text("The draft is busy", "草稿锁获取超时")
    hint = Text("Others are writing it; try again after Retry-After.", "其他请求正在写入；请在 Retry-After 之后重试。")
    retryable = True

    def __init__(self, detail: Text | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)


class Unavailable(DomainError):
    """The service, the store or a slot is not to be had now."""

    status = 503
    code = 3007
    label = Text("Service unavailable", "服务不可用")
    hint = Text("Try again after Retry-After.", "请在 Retry-After 之后重试。")
    retryable = True

    def __init__(self, detail: Text | None = None, *, hint: Text | None = None, retry_after: int = 5) -> None:
        super().__init__(detail, hint=hint, retry_after=retry_after)


class NotBuilt(DomainError):
    """A route of the reference that renders a video, which this server does not do."""

    status = 501
    code = 3009
    label = Text("Not built yet", "尚未实现")
    hint = Text(
        "This server does not render videos: download the draft with the desktop client and export it in JianYing.",
        "本服务器不渲染视频：请用桌面客户端下载草稿，并在剪映中导出。",
    )
