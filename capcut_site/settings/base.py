"""Applications, middleware, templates, languages, and the product's own limits."""

from __future__ import annotations

from pathlib import Path

from capcut_site import env

BASE_DIR = env.ROOT
EMBEDDED = env.flag("CAPCUT_EMBEDDED", False, "set by `manage.py dev` for its children; do not set it yourself")
STATE_DIR = Path(env.text("STATE_DIR", "var", "folder for database, blobs, keys, sockets and logs")).absolute()
PORT = env.integer("PORT", 30000, "port of the web server")
HOST = env.text("HOST", "127.0.0.1", "address the web server listens on; 0.0.0.0 for other machines and containers")
WEB_WORKERS = env.integer("WEB_WORKERS", 2, "processes of the web server; one per core is enough")
PUBLIC_URL = env.text("PUBLIC_URL", "", "how clients reach this server, e.g. https://drafts.example.org").rstrip("/")

SECRET_KEY = env.secret_key(STATE_DIR, embedded=EMBEDDED)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [], "older secret keys whose links and sessions still count")
DEBUG = False

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "drafts.core",
    "drafts",
]
MIDDLEWARE = [
    "drafts.api.middleware.RequestMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPEND_SLASH = False
ROOT_URLCONF = "capcut_site.urls"
WSGI_APPLICATION = "capcut_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
CAPCUT_MATE_LANGUAGE = env.choice(
    "CAPCUT_MATE_LANGUAGE",
    "en",
    ("en", "zh"),
    "language of replies when the client asks for neither zh nor en",
)
LANGUAGE_CODE = "zh-hans" if CAPCUT_MATE_LANGUAGE == "zh" else "en"
CAPCUT_MATE_ALWAYS_200 = env.flag(
    "CAPCUT_MATE_ALWAYS_200",
    False,
    "answer failures with HTTP 200 and {code, message} as the original server does",
)
CAPCUT_MATE_TIP_URL = env.text("TIP_URL", "", "tip_url of create_draft; default: this server's landing page")

MB = 1024 * 1024
MAX_CANVAS_SIDE = env.integer("MAX_CANVAS_SIDE", 32768, "largest canvas width and height, pixels")
MAX_DOCUMENT_BYTES = env.integer("MAX_DOCUMENT_BYTES", 16 * MB, "largest timeline document, bytes")
MAX_DOCUMENT_DEPTH = env.integer("MAX_DOCUMENT_DEPTH", 64, "deepest nesting of a JSON body")
MAX_BODY_BYTES = env.integer("MAX_BODY_BYTES", 2 * MB, "largest JSON request body other than a document, bytes")
MAX_FILE_BYTES = env.integer("MAX_FILE_BYTES", 2048 * MB, "largest media file, bytes")
MAX_FILES = env.integer("MAX_FILES", 5000, "most files in one draft")
MAX_ARCHIVE_BYTES = env.integer("MAX_ARCHIVE_BYTES", 4096 * MB, "largest ZIP upload, bytes")
MAX_ARCHIVE_ENTRIES = env.integer("MAX_ARCHIVE_ENTRIES", 10000, "most entries in a ZIP")
MAX_ARCHIVE_UNPACKED_BYTES = env.integer("MAX_ARCHIVE_UNPACKED_BYTES", 8192 * MB, "most bytes a ZIP may unpack to")
MAX_ARCHIVE_RATIO = env.integer("MAX_ARCHIVE_RATIO", 200, "highest unpacked : packed ratio of a ZIP entry over 1 MB")
# The columns hold no more, whatever the setting says.
MAX_NAME_LENGTH = min(
    200, env.integer("MAX_NAME_LENGTH", 200, "longest draft name, note and author, characters; at most 200")
)
MAX_PATH_LENGTH = min(
    200, env.integer("MAX_PATH_LENGTH", 200, "longest path inside a draft folder, characters; at most 200")
)
PAGE_SIZE = env.integer("PAGE_SIZE", 50, "entries of a list page")
MAX_PAGE_SIZE = env.integer("MAX_PAGE_SIZE", 200, "most entries a client may ask for in one page")
STREAM_SLOTS = env.integer("STREAM_SLOTS", 48, "uploads and downloads at once in one web process; more answer 503")
DRAFT_LOCK_SECONDS = env.integer("DRAFT_LOCK_SECONDS", 30, "how long a write waits for a busy draft (PostgreSQL)")
