"""The store behind ``STORAGES["drafts"]`` in any S3-compatible service.

A module of its own: its library takes 20 MB of a process, which one that stores files need not have.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

from . import metrics
from .storage import PREFIX, Chunks, Listed, ObjectMissing, StoreError


class BlobS3Storage(S3Storage):  # type: ignore[misc]  # the library is not typed
    """Objects in an S3-compatible store, with short time-outs and no checksums that stores lack."""

    def __init__(self, **options: Any) -> None:
        style = options.pop("addressing_style", "auto")
        options["client_config"] = Config(
            connect_timeout=3,
            read_timeout=30,
            retries={"total_max_attempts": 2, "mode": "standard"},
            # Newer defaults send trailing checksums that several stores refuse (STACK section 6).
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": style},
            signature_version="s3v4",
            max_pool_connections=64,
        )
        super().__init__(**options)

    def put(self, key: str, stream: BinaryIO) -> None:
        """Write ``stream`` under ``key``, in parts when it is large."""
        with _s3_errors():
            self._save(key, File(stream))

    def length(self, key: str) -> int:
        """Size of the object in bytes; raises ``ObjectMissing``."""
        with _s3_errors():
            return int(self.bucket.Object(key).content_length)

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The object's bytes from ``start``, ``length`` of them, without a local copy."""
        if length == 0:
            return iter(())
        end = "" if length is None else str(start + length - 1)
        with _s3_errors():
            answer = self.bucket.Object(key).get(**({"Range": f"bytes={start}-{end}"} if start or end else {}))
        return Chunks(cast("BinaryIO", answer["Body"]), length, _s3_errors)

    def remove(self, key: str) -> None:
        """Delete the object; deleting what is not there is fine."""
        with _s3_errors():
            self.bucket.Object(key).delete()

    def objects(self) -> Iterator[Listed]:
        """Every object of ours, a thousand a request; objects that come or go meanwhile may be listed or not.

        None in a bucket that is not there yet: some stores make it at the first write.
        """
        with _s3_errors():
            client = self.bucket.meta.client
            try:
                for page in client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=PREFIX):
                    for entry in page.get("Contents", ()):
                        yield Listed(entry["Key"], int(entry["Size"]), entry["LastModified"].timestamp())
            except client.exceptions.NoSuchBucket:
                return

    def sweep(self, *, older_than: float) -> int:
        """End uploads in parts that a killed writer left ``older_than`` seconds ago; returns how many.

        No listing of objects shows them, and their bytes are paid for.
        """
        swept, until = 0, time.time() - older_than
        with _s3_errors():
            client = self.bucket.meta.client
            pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket_name, Prefix=PREFIX)
            for upload in (upload for page in pages for upload in page.get("Uploads", ())):
                if upload["Initiated"].timestamp() < until:
                    client.abort_multipart_upload(
                        Bucket=self.bucket_name, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                    swept += 1
        return swept


@contextlib.contextmanager
def _s3_errors() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(str(error.strerror)) from error
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        kind = ObjectMissing if code in {"404", "NoSuchKey", "NotFound"} else StoreError
        if kind is StoreError:
            metrics.STORE_ERRORS.labels(code[:40]).inc()
        raise kind(f"the store answered {code or 'an error'}") from error
    except (OSError, BotoCoreError, Boto3Error) as error:
        metrics.STORE_ERRORS.labels(type(error).__name__).inc()
        raise StoreError(type(error).__name__) from error
