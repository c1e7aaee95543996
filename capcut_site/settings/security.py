"""Hosts, origins, cookies."""

from __future__ import annotations

from urllib.parse import urlsplit

from capcut_site import env

from .base import MAX_BODY_BYTES, PUBLIC_URL

_public = urlsplit(PUBLIC_URL)
_https = _public.scheme == "https"

ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"],
    "host names this server answers to, comma-separated; * for any. The host of PUBLIC_URL is always among them",
)
if _public.hostname and "*" not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public.hostname)

TRUSTED_PROXIES = env.networks(
    "TRUSTED_PROXIES",
    "addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto count; they must drop header names "
    "with an underscore",
)

_origins = env.words(
    "CORS_ALLOWED_ORIGINS",
    [],
    "origins whose browsers may call the API, e.g. https://n8n.example.org; * for any",
)
CORS_ALLOW_ALL_ORIGINS = "*" in _origins
CORS_ALLOWED_ORIGINS = [origin for origin in _origins if origin != "*"]
CORS_ALLOW_HEADERS = (
    *(
        "accept",
        "accept-language",
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
    ),
    *("range", "traceparent", "x-api-key", "x-request-id"),
)
CORS_EXPOSE_HEADERS = [
    "content-disposition",
    "content-range",
    "etag",
    "idempotency-replayed",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "traceparent",
    "www-authenticate",
    "x-request-id",
]
CORS_URLS_REGEX = r"^/(api|openapi|v1)/"
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "drafts.api.handlers.csrf_failed"
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.netloc else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
_hsts = env.integer(
    "HSTS_SECONDS", 31_536_000, "how long a browser keeps to https that has seen it; only where PUBLIC_URL is https"
)
SECURE_HSTS_SECONDS = _hsts if _https else 0
SECURE_SSL_REDIRECT = env.flag(
    "HTTPS_REDIRECT", False, "send who comes by http to https; behind a proxy only with TRUSTED_PROXIES"
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# W008: a redirect to https is the proxy's work, ours only by HTTPS_REDIRECT. W005 and W021:
# whether sub-domains are https too is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W008", "security.W005", "security.W021"]
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES  # forms only: API bodies are read by drafts/api/bodies.py
