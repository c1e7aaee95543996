"""The S3 store with a span for each call; ``STORAGES`` names it while traces are on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from drafts.core.s3 import BlobS3Storage

from .tracing import step


class TracedS3Storage(BlobS3Storage):
    """Each call of ours as one span, however many requests it takes."""

    def put(self, key: str, stream: BinaryIO) -> None:
        """See ``BlobS3Storage``."""
        with step("S3 put", self._attributes(key)):
            super().put(key, stream)

    def length(self, key: str) -> int:
        """See ``BlobS3Storage``."""
        with step("S3 head", self._attributes(key)):
            return super().length(key)

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``BlobS3Storage``; the span ends with the first byte."""
        with step("S3 get", self._attributes(key)):
            return super().stream(key, start, length)

    def remove(self, key: str) -> None:
        """See ``BlobS3Storage``."""
        with step("S3 delete", self._attributes(key)):
            super().remove(key)

    def _attributes(self, key: str) -> dict[str, str]:
        return {"aws.s3.bucket": str(self.bucket_name), "aws.s3.key": key}
