"""ZIP uploads: a raw ``application/zip`` body or the multipart field ``archive``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from drafts.core import gate
from drafts.core.blobs import Hashing
from drafts.core.errors import BodyTimeout, InvalidParameter, Text, TooLarge, Unavailable

from ..bodies import CHUNK, content_length, source_of, spool
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
        with spool() as staged:
            stream = Hashing(source_of(request), length)
            while chunk := stream.read(CHUNK):
                staged.write(chunk)
            staged.seek(0)
            yield staged
    else:
        raise media_type_refused("application/zip")


class SpoolHandler(FileUploadHandler):
    """Multipart files into a :func:`spool`; Django's own handler gives them names, and a kill leaves those behind."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A field begins."""
        super().new_file(*args, **kwargs)
        self.file: UploadedFile[bytes] = UploadedFile(file=spool(), name=self.file_name, content_type=self.content_type)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some of its bytes. Raises ``Unavailable`` when the disk is nearly full by then."""
        gate.check_space()
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        """It ends."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        """It breaks off."""
        if hasattr(self, "file"):
            self.file.close()


def _field(request: HttpRequest) -> BinaryIO:
    handler = SpoolHandler(request)
    request.upload_handlers = [handler]
    try:
        uploaded = request.FILES.get("archive")
    except (SuspiciousOperation, BodyTimeout, Unavailable):
        handler.upload_interrupted()
        raise
    except (MultiPartParserError, UnreadablePostError) as error:
        handler.upload_interrupted()
        text = Text("The multipart body is damaged or incomplete", "multipart 请求体损坏或不完整")
        raise InvalidParameter.of("archive", "multipart", text) from error
    if uploaded is None or uploaded.file is None:
        raise InvalidParameter.of("archive", "required", Text("archive is required", "archive是必填项"))
    return cast("BinaryIO", uploaded.file)
