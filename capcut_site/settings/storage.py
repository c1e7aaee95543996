"""Where blobs lie: the file system under STATE_DIR, or any S3-compatible store; static files by WhiteNoise."""

from __future__ import annotations

from typing import Any

from capcut_site import env

from .base import BASE_DIR, EMBEDDED, MB, STATE_DIR

S3_BUCKET = env.text("S3_BUCKET", "", "bucket for blobs; unset: the file system under STATE_DIR")
S3_ENDPOINT_URL = env.text(
    "S3_ENDPOINT_URL", "", "S3-compatible endpoint (MinIO, SeaweedFS, COS, OSS, TOS); unset: AWS"
)
S3_REGION = env.text("S3_REGION", "us-east-1", "region of the bucket")
S3_ADDRESSING_STYLE = env.choice("S3_ADDRESSING_STYLE", "auto", ("auto", "path", "virtual"), "bucket in path or host")
# Read by django-storages.
AWS_ACCESS_KEY_ID = env.text("AWS_ACCESS_KEY_ID", "", "S3 access key") or None
AWS_SECRET_ACCESS_KEY = env.text("AWS_SECRET_ACCESS_KEY", "", "S3 secret key") or None


def _drafts() -> dict[str, Any]:
    if not S3_BUCKET:
        return {
            "BACKEND": "drafts.core.storage.BlobFileStorage",
            "OPTIONS": {"location": str(STATE_DIR / "blobs")},
        }
    return {
        "BACKEND": "drafts.core.s3.BlobS3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION,
            "addressing_style": S3_ADDRESSING_STYLE,
            "file_overwrite": True,
            "querystring_auth": True,
        },
    }


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "drafts": _drafts(),
    "staticfiles": {
        # `make run` serves the packages' own files; an image has them collected, compressed and named by hash.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = None if EMBEDDED else BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = EMBEDDED
WHITENOISE_MANIFEST_STRICT = False

# Files in a form of the admin larger than this are spooled to disk; archives of the API have a handler of their own.
FILE_UPLOAD_MAX_MEMORY_SIZE = MB

PENDING_LIMIT = env.integer("PENDING_LIMIT", 1024 * MB, "most bytes waiting for the store before writes answer 503")
MIN_FREE_BYTES = env.integer("MIN_FREE_BYTES", 256 * MB, "least free disk under STATE_DIR before writes answer 503")
TRASH_DAYS = env.integer("TRASH_DAYS", 30, "days that a draft stays in the trash before it is purged; 0: for ever")
GC_GRACE = env.integer("GC_GRACE", 24 * 3600, "seconds that an unreferenced blob is kept; longer than a backup takes")
PERSIST_TRIES = env.integer("PERSIST_TRIES", 8, "tries before a blob is labelled failed; it is retried for ever")
