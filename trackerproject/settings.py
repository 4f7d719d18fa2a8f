"""All settings, from the environment; docs/operating.md explains each variable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from trackerproject.env import (
    ROOT,
    allowed_hosts,
    count,
    encryption_keys,
    env,
    names_of_site,
    networks,
    queue,
    read_env_file,
    secret_key,
    site_url,
    var_folder,
)
from trackerproject.logs import refused_in_one_line

read_env_file()

# --- the installation ------------------------------------------------------------------------------------------------
DEBUG: bool = env.bool("DEBUG", default=False)
SECRET_KEY = secret_key(debug=DEBUG)
ENCRYPTION_KEYS = encryption_keys(debug=DEBUG)
SITE_URL = site_url()
ALLOWED_HOSTS = allowed_hosts(SITE_URL, debug=DEBUG)
BEHIND_HTTPS = SITE_URL.startswith("https://")
SANDBOX: bool = env.bool("SANDBOX", default=DEBUG)
VAR = var_folder()

# --- parts -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "organisations",
    "connectors",
    "targets",
    "alerts",
    "blueprints",
    "allauth",
    "allauth.account",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organisations.reader.ReaderMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "trackerproject.urls"
WSGI_APPLICATION = "trackerproject.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organisations.pages.shell",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database: SQLite beside the project, or PostgreSQL by DATABASE_URL ----------------------------------------------
DATABASES: dict[str, Any] = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'waymark.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # a read that later writes must hold the write lock from its start, or two writers meet in "database is locked"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;"
        ),
    }
else:
    # a lock or a statement that hangs fails fast and clearly
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 0, "max_size": count("DATABASE_POOL", default=20), "timeout": 10},
        "options": "-c statement_timeout=30000 -c lock_timeout=8000",
    }

# --- cache: the database by default, so that throttles count across processes ----------------------------------------
CACHES = {"default": env.cache("CACHE_URL", default="dbcache://waymark_cache")}

# --- collecting ------------------------------------------------------------------------------------------------------
COLLECTION_LEASE = count(
    "COLLECTION_LEASE", default=300
)  # seconds a worker may hold a feed before another takes it over
COLLECTING_ROOM = count("COLLECTING_ROOM", default=4)  # collections of one worker at the database at the same time

# --- Celery ----------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL: str = env("BROKER_URL", default="filesystem://localhost/")
CELERY_TASK_DEFAULT_QUEUE = queue()  # two installations at one broker need two names
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 280  # shorter than a lease, so that whoever holds one is alive
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
if CELERY_BROKER_URL.startswith("filesystem://"):
    QUEUE_FOLDER = VAR / "queue"
    for folder in ("messages", "processed", "control"):
        (QUEUE_FOLDER / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(QUEUE_FOLDER / "messages"),
        "data_folder_out": str(QUEUE_FOLDER / "messages"),
        "processed_folder": str(QUEUE_FOLDER / "processed"),
        "control_folder": str(QUEUE_FOLDER / "control"),
        "store_processed": False,
        "polling_interval": 0.02,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    # longer than the longest task, or a slow one would run twice; short enough for a killed worker's message to return
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }

# --- accounts --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "organisations.passwords.NotOneself"},
    {"NAME": "organisations.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "organisations.passwords.NotCommon"},
    {"NAME": "organisations.passwords.NotDigitsAlone"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "organisations.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_HTTPS else "http"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key", "reset_password": "20/h/ip,5/h/key"}

# --- cookies, headers ------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = BEHIND_HTTPS and env.bool("REDIRECT_TO_HTTPS", default=True)
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if BEHIND_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY: bool = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes

# --- outgoing calls: private addresses are opened only here, by whoever runs the installation ------------------------
OUTBOUND_ALLOWED_NETWORKS = networks("OUTBOUND_ALLOWED_NETWORKS")
OUTBOUND_ALLOWED_HOSTS: list[str] = env.list("OUTBOUND_ALLOWED_HOSTS", default=[])
OUTBOUND_PROXY: str = env("OUTBOUND_PROXY", default="")
if SANDBOX:
    # the pretend services are reached through the front door, at the site's own port and nowhere else
    port = urlsplit(SITE_URL).port or (443 if BEHIND_HTTPS else 80)
    OUTBOUND_ALLOWED_HOSTS = [*OUTBOUND_ALLOWED_HOSTS, *(f"{name}:{port}" for name in names_of_site(SITE_URL))]

# --- mail: printed on the console until EMAIL_URL names a server -----------------------------------------------------
vars().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL: str = env("MAIL_FROM", default=f"Waymark <waymark@{urlsplit(SITE_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- language and time: everything is stored in UTC; each organisation has its own zone ------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]  # each by its own name, for those who read no other
LANGUAGE_COOKIE_SECURE = BEHIND_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- static files ----------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = Path(env("STATIC_DIR", default=str(ROOT / "staticfiles")))
HASHED_STATIC: bool = env.bool("HASHED_STATIC", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "trackerproject.static.HashedFiles"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HASHED_STATIC
WHITENOISE_MAX_AGE = 3600

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "organisations.api_callers.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["organisations.api_callers.RoleAllows"],
    "DEFAULT_PAGINATION_CLASS": "organisations.api_format.Pages",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_RENDERER_CLASSES": ["organisations.api_format.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["organisations.api_callers.CallerRate"],
    "DEFAULT_THROTTLE_RATES": {"caller": env("API_RATE", default="6000/min")},
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "EXCEPTION_HANDLER": "organisations.problems.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Waymark API",
    "DESCRIPTION": "Targets, the numbers they live on, and where they will probably land.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "DEFAULT_QUERY_MANAGER": "_default_manager",  # tenant models have no `objects`
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "trackerproject.schema.described",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Role": "organisations.models.ROLE_CHOICES",
        "Health": "connectors.models.feed.Health",
        "Asks": "connectors.models.feed.Asks",
        "Outcome": "connectors.models.feed.Outcome",
        "RunningPeriod": "connectors.models.feed.RunningPeriod",
        "Status": "targets.models.target.STATUSES",
        "PeriodKind": "targets.models.target.PERIODS",
    },
}

# --- logs ------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"refused": {"()": "django.utils.log.CallbackFilter", "callback": refused_in_one_line}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refused"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
SILENCED_SYSTEM_CHECKS = ["models.W042"]
