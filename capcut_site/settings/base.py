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
    "drafts.access",
    "drafts",
    "drafts.media",
]
MIDDLEWARE = [
    "drafts.api.middleware.RequestMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "drafts.api.rates.RateMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "drafts.api.people.SessionMiddleware",
    "drafts.api.people.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "drafts.api.people.AuthenticationMiddleware",
    "drafts.api.people.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "drafts.api.access.AccessMiddleware",
    "drafts.api.idempotency.IdempotencyMiddleware",
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
            ],
            "libraries": {"staff": "drafts.admin.tags"},
        },
    }
]

TIME_ZONE = "UTC"
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

STICKER_CATALOGUE = env.text(
    "STICKER_CATALOGUE", "", "JSON file that search_sticker searches, an array of {sticker_id, title, sticker}"
)

MB = 1024 * 1024
MAX_CANVAS_SIDE = env.integer("MAX_CANVAS_SIDE", 32768, "largest canvas width and height, pixels")
MAX_DOCUMENT_BYTES = env.integer("MAX_DOCUMENT_BYTES", 16 * MB, "largest timeline document, bytes")
MAX_DOCUMENT_DEPTH = env.integer("MAX_DOCUMENT_DEPTH", 64, "deepest nesting of a JSON body")
MAX_BODY_BYTES = env.integer("MAX_BODY_BYTES", 2 * MB, "largest JSON request body other than a document, bytes")
MAX_LIST_ITEMS = env.integer("MAX_LIST_ITEMS", 10000, "most items of one list in a capcut-mate call")
MAX_OPERATIONS = env.integer("MAX_OPERATIONS", 500, "most operations in one edit")
MAX_TEXT_LENGTH = env.integer("MAX_TEXT_LENGTH", 5000, "longest text of one caption, characters")
EDIT_SECONDS = env.integer("EDIT_SECONDS", 10, "after this no further operation of an edit begins, and it is refused")
MAX_SEGMENTS = env.integer("MAX_SEGMENTS", 20000, "most segments in one draft after an edit")
MAX_DURATION_SECONDS = env.integer("MAX_DURATION_SECONDS", 360_000, "longest that an edit may make a draft")
MAX_SEARCH_TEXT = env.integer("MAX_SEARCH_TEXT", 100_000, "most text of one draft that search knows, characters")
MAX_FOUND = env.integer("MAX_FOUND", 1000, "most drafts that one search finds")
MAX_STAFF_DRAFTS = env.integer("MAX_STAFF_DRAFTS", 200, "most drafts that an action of the admin changes at once")
MAX_STAFF_CHECKS = env.integer("MAX_STAFF_CHECKS", 20, "most drafts whose integrity the admin checks at once")
DESCRIBE_TRIES = env.integer("DESCRIBE_TRIES", 3, "tries before a document is given up that cannot be described")
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
STREAM_SLOTS = env.integer("STREAM_SLOTS", 48, "long bodies and downloads at once in one web process; more answer 503")
BODY_SLOTS = env.integer(
    "BODY_SLOTS", 128, "request bodies up to 1 MB on their way at once in one web process; more answer 503"
)
BODY_SECONDS = env.integer("BODY_SECONDS", 30, "how long the next 64 KB of a request body may take (Linux)")
DOWNLOAD_STALL_SECONDS = env.integer(
    "DOWNLOAD_STALL_SECONDS", 60, "how long a client may take nothing of a reply before its connection ends (Linux)"
)
DRAFT_LOCK_SECONDS = env.integer("DRAFT_LOCK_SECONDS", 30, "how long a write waits for a busy draft (PostgreSQL)")
IDEMPOTENCY_SECONDS = env.integer(
    "IDEMPOTENCY_SECONDS", 24 * 3600, "how long the answer to a request with an Idempotency-Key is kept"
)
