"""Media from URLs: what may be fetched, how much, how long; and the limits of the tools that look into them."""

from __future__ import annotations

from capcut_site import env

from .base import MB

OUTBOUND_ALLOWED_HOSTS = env.words(
    "OUTBOUND_ALLOWED_HOSTS",
    [],
    "private hosts that media may be fetched from: host, host:port, address or network, e.g. minio:9000,10.1.0.0/16",
)
MEDIA_MODE = env.choice(
    "MEDIA_MODE", "store", ("store", "link"), "store media of URLs with the draft, or leave the URL to the client"
)
DOWNLOAD_FILE_SIZE_LIMIT = env.integer("DOWNLOAD_FILE_SIZE_LIMIT", 200 * MB, "largest file fetched from a URL, bytes")
DOWNLOAD_TOTAL_LIMIT = env.integer("DOWNLOAD_TOTAL_LIMIT", 2048 * MB, "most bytes that one call may fetch")
DOWNLOAD_SECONDS = env.integer("DOWNLOAD_SECONDS", 300, "longest that one call may fetch, all its URLs together")
DOWNLOAD_CONNECT_SECONDS = env.integer("DOWNLOAD_CONNECT_SECONDS", 10, "longest wait for a connection to a media host")
DOWNLOAD_READ_SECONDS = env.integer("DOWNLOAD_READ_SECONDS", 20, "longest silence of a media host")
DOWNLOAD_TRIES = env.integer("DOWNLOAD_TRIES", 4, "tries of a URL whose host fails for the moment")
DOWNLOAD_REDIRECTS = env.integer("DOWNLOAD_REDIRECTS", 5, "most redirects of one URL")
DOWNLOADS_AT_ONCE = env.integer("DOWNLOADS_AT_ONCE", 4, "URLs of one call that are fetched at the same time")
DOWNLOAD_SLOTS = env.integer("DOWNLOAD_SLOTS", 32, "calls that fetch at once in one web process; more answer 503")
DOWNLOAD_SLOTS_PER_HOST = env.integer("DOWNLOAD_SLOTS_PER_HOST", 24, "of those, calls that fetch from the same host")
MAX_URLS = env.integer("MAX_URLS", 500, "most URLs of one call")
MAX_IMAGE_PIXELS = env.integer("MAX_IMAGE_PIXELS", 64_000_000, "most pixels of a picture, or of a frame of a video")
PROBE_SECONDS = env.integer("PROBE_SECONDS", 30, "longest that ffprobe or ffmpeg may look at one file")
PROBE_MEMORY = env.integer("PROBE_MEMORY", 1024 * MB, "most memory of one ffprobe or ffmpeg, bytes")
THUMBNAIL_TRIES = env.integer("THUMBNAIL_TRIES", 3, "tries before the thumbnail of a file is given up")
