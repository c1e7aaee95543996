"""ZIP uploads: a raw ``application/zip`` body or the multipart field ``archive``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from drafts.core.blobs import Hashing
from drafts.core.errors import InvalidParameter, Text, TooLarge

from ..bodies import CHUNK, content_length, source_of
from ..problems import media_type_refused

ZIP_TYPES = {"application/zip", "application/x-zip-compressed", "application/octet-stream"}


@contextmanager
def archive_of(request: HttpRequest) -> Iterator[BinaryIO]:
    """The uploaded archive as a seekable file, deleted afterwards."""
    length = content_length(request)
    if length > settings.MAX_ARCHIVE_BYTES:
        limit = settings.MAX_ARCHIVE_BYTES
        raise TooLarge(
            Text(
                f"The archive has {length} bytes; the limit is {limit} (MAX_ARCHIVE_BYTES)",
                f"压缩包为 {length} 字节；上限为 {limit}（MAX_ARCHIVE_BYTES）",
            )
        )
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        yield _field(request)
    elif kind in ZIP_TYPES:
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
            stream = Hashing(source_of(request), length)
            while chunk := stream.read(CHUNK):
                spool.write(chunk)
            spool.seek(0)
            yield cast("BinaryIO", spool)
    else:
        raise media_type_refused("application/zip")


def _field(request: HttpRequest) -> BinaryIO:
    handler = TemporaryFileUploadHandler(request)
    request.upload_handlers = [handler]
    try:
        uploaded = request.FILES.get("archive")
    except SuspiciousOperation:
        handler.upload_interrupted()
        raise
    except (MultiPartParserError, UnreadablePostError) as error:
        handler.upload_interrupted()
        text = Text("The multipart body is damaged or incomplete", "multipart 请求体损坏或不完整")
        raise InvalidParameter.of("archive", "multipart", text) from error
    if uploaded is None or uploaded.file is None:
        raise InvalidParameter.of("archive", "required", Text("archive is required", "archive是必填项"))
    return cast("BinaryIO", uploaded.file)
