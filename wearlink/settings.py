"""Settings, from the environment (docs/settings.md lists them); with none, on the embedded servers below DATA."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from wearlink import embedded_access, environment, keyfile

env = environment.Environment(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent

# --- What runs here -------------------------------------------------------------------------------------------------
DATA = Path(env.text("DATA", str(BASE_DIR / "data"))).absolute()
EMBEDDED = not env.text("DATABASE_URL")
PROCESS = env.choice("PROCESS", frozenset({"web", "worker", "beat"}))
DEBUG = env.flag("DEBUG")
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{env.number('PORT', 8000)}").rstrip("/")
ROOT_URLCONF = "wearlink.urls"
WSGI_APPLICATION = "wearlink.wsgi.application"
ROOT_ADMIN_EMAIL = env.text("ROOT_ADMIN_EMAIL", "admin@example.com" if EMBEDDED else "")

ADMIN_MFA = env.flag("ADMIN_MFA", not EMBEDDED)  # superusers and reviewers need a second factor at /admin
OTP_TOTP_ISSUER = "WearLink"
UNFOLD = {
    "SITE_TITLE": "WearLink",
    "SITE_HEADER": "WearLink",
    "SITE_SYMBOL": "ecg_heart",
    "SITE_URL": "/",
    "STYLES": ["/static/theme.css", "/static/wl.css", "/static/admin.css", "/static/kit.css"],
    "SCRIPTS": ["/static/admin.js"],
    "SIDEBAR": {"show_search": False, "navigation": "adminportal.platform.navigation.sidebar"},
    "SHOW_VIEW_ON_SITE": False,
}

# --- Secrets: from the environment; embedded, from a file that `manage.py run` makes once ---------------------------
_secrets = keyfile.read(DATA) if EMBEDDED else {}
SECRET_KEY = env.text("SECRET_KEY", _secrets.get("SECRET_KEY", ""))
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")  # older ones that still verify
FIELD_KEYS = env.words("FIELD_KEYS", _secrets.get("FIELD_KEYS", ""))  # Fernet keys; the first encrypts, all decrypt
API_KEY_PEPPER = env.text("API_KEY_PEPPER", _secrets.get("API_KEY_PEPPER", ""))  # the first makes digests
TOKEN_KEYS = env.words("TOKEN_KEYS", _secrets.get("TOKEN_KEYS", ""))  # HMAC keys; the first signs, all verify

AUDIT_KEYS = env.words("AUDIT_KEYS")  # seal the audit trail; the first seals, all verify; else SECRET_KEY and fallbacks

# --- Apps -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_celery_beat",
    "django_otp",
    "django_prometheus",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "wearlink",
    "accounts",
    "accounts.webhooks",
    "accounts.exports",
    "billing",
    "healthdata",
    "providers",
    "nutrition",
    "adminportal",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "wearlink.lib.monitoring.logs.RequestLogMiddleware",
    "wearlink.lib.valkey.ratelimit.RateLimitMiddleware",
    "wearlink.lib.api.plain_paths.PlainPaths",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wearlink.lib.api.browsers.SessionsForBrowsers",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "wearlink.lib.api.browsers.SignedIn",
    "wearlink.lib.api.browsers.SecondFactor",
    "wearlink.lib.api.browsers.MessagesForBrowsers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wearlink.lib.monitoring.measured.Measured",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
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
                "wearlink.lib.web.theme.in_templates",
            ]
        },
    }
]

# --- Database: a pool for the threads of the web server, one lasting connection for a task process ------------------
WEB_THREADS = env.number("WEB_THREADS", 8)
_socket_directory = environment.runtime_directory(DATA)
DATABASE_URL = env.text("DATABASE_URL", embedded_access.address(embedded_access.APPLICATION, _socket_directory))
# Who owns the tables and migrates them; the serving role then may do less. Without it one role is both.
_owner = embedded_access.address(embedded_access.OWNER, _socket_directory) if EMBEDDED else ""
_owner_url = env.text("DATABASE_OWNER_URL", _owner)
DATABASE_OWNER = environment.database(_owner_url) if _owner_url else None
DATABASES = {"default": environment.database(DATABASE_URL)}  # wearlink.lib.postgres checks pooled connections itself
# Off for poolers that cannot keep prepared statements (PgBouncer before 1.21 in transaction mode).
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5 if env.flag("DATABASE_PREPARE", True) else None
environment.connect_as(DATABASES["default"], PROCESS, WEB_THREADS)

# --- Broker and cache -----------------------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL", f"unix://{_socket_directory}/valkey.sock?db=0")
CACHES = {
    "default": {
        "BACKEND": "wearlink.lib.valkey.cache.RedisCache",
        "LOCATION": env.text("CACHE_URL", environment.cache_url(REDIS_URL)),
        "KEY_PREFIX": "wl",
        "OPTIONS": {
            "serializer": "wearlink.lib.valkey.cache.JsonSerializer",
            "socket_timeout": 3,
            "socket_connect_timeout": 3,
        },
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Celery: the rows are the queue, so a lost task is only late; see wearlink/celery.py for what runs by the clock --
CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 30,
    # a request does not wait for a broker that hangs; a worker does, for its next task
    "socket_timeout": 2 if PROCESS == "web" else 10,
    "socket_connect_timeout": 3,
    "max_retries": 0,  # of connecting in order to publish; else every post waits six seconds while the broker is down
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 540  # below the visibility timeout, else a running task is delivered again
CELERY_TASK_PUBLISH_RETRY = False  # a publisher never waits for the broker: the sweeper finds the row
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER, CELERY_WORKER_HIJACK_ROOT_LOGGER = 1, False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = env.number("WORKER_MAX_MEMORY_MB", 400) * 1024  # KiB; looked at between tasks
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "wearlink.beat:PatientScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# After a crash, work goes on once its lease is over and a sweeper has seen it: LEASE_SECONDS + 2 * SWEEP_SECONDS.
LEASE_SECONDS = env.number("LEASE_SECONDS", 30)  # how long a silent worker keeps what it took; renewed while working
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 10)  # how often beat looks for work that nobody does
EXPORT_PART_BYTES = env.number("EXPORT_PART_BYTES", 32 * 1024 * 1024)  # on a worker's disk; lost in a crash at most

# --- Objects: a directory below DATA, or a bucket --------------------------------------------------------------------
S3_BUCKET = env.text("S3_BUCKET")
S3_ENDPOINT_URL = env.text("S3_ENDPOINT_URL")
S3_PUBLIC_ENDPOINT_URL = env.text("S3_PUBLIC_ENDPOINT_URL", S3_ENDPOINT_URL)
S3_REGION = env.text("S3_REGION", "us-east-1")
S3_ACCESS_KEY = env.text("S3_ACCESS_KEY")
S3_SECRET_KEY = env.text("S3_SECRET_KEY")
S3_ENCRYPTION = env.text("S3_ENCRYPTION")  # AES256 or aws:kms; empty: as the bucket does by itself
S3_KMS_KEY_ID = env.text("S3_KMS_KEY_ID")
OBJECTS_DIR = DATA / "objects"
SNS_TOPIC_ARNS = env.words("SNS_TOPIC_ARNS")  # the topics that tell of new objects; no other is believed
SNS_ALLOW_VERSION_1 = env.flag("SNS_ALLOW_VERSION_1")  # signatures with SHA-1, which topics make by default
SNS_ENDPOINT_URL = env.text("SNS_ENDPOINT_URL").rstrip("/")  # of a server that speaks as SNS does

# --- Vendors' clouds: credentials and addresses, see README.md; read by providers.vendor_api.credentials ----------
PROVIDERS = environment.vendors(os.environ)

# --- Static files ----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [directory for directory in [BASE_DIR / "static"] if directory.is_dir()]
PLAIN_STATIC = env.flag("PLAIN_STATIC", EMBEDDED)  # served out of the packages, nothing to collect
STATIC_ROOT = None if PLAIN_STATIC else env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
WHITENOISE_USE_FINDERS = PLAIN_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": OBJECTS_DIR}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATIC
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- People and passwords ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Developer"
PASSWORD_HASHERS = ["wearlink.lib.security.passwords.Argon2idHasher"]
ARGON2_MEMORY_KIB = env.number("ARGON2_MEMORY_KIB", 65_536)
ARGON2_TIME_COST = env.number("ARGON2_TIME_COST", 2)
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validators}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_validators}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
    {"NAME": "wearlink.lib.security.known_passwords.KnownPasswordValidator"},
    {"NAME": f"{_validators}.NumericPasswordValidator"},
]

# --- Security: https is decided by BASE_URL --------------------------------------------------------------------------
_host = urlsplit(BASE_URL).hostname or "localhost"
_https = BASE_URL.startswith("https://")
_is_local = EMBEDDED or DEBUG or _host in ("localhost", "127.0.0.1")
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS"), _host, *(["localhost", "127.0.0.1", "[::1]"] if _is_local else [])]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD")  # binds a whole domain, for long
# Checks that are not for this installation; Django's about subdomains and preloading are nobody's default.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", *env.words("SILENCED_CHECKS")]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "wearlink.lib.api.errors.csrf_failure"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024  # the SDK's 10 MB and its envelope
IMPORT_MAX_UPLOAD_BYTES = 50 * 1024 * 1024  # of a direct upload
IMPORT_MAX_OBJECT_BYTES = env.number("IMPORT_MAX_OBJECT_BYTES", 5 * 1024**3)  # by a signed link; S3 takes no larger PUT
IMPORT_MAX_EXPANDED_BYTES = env.number("IMPORT_MAX_EXPANDED_BYTES", 10 * 1024**3)  # of the XML in it
MAX_BODY_BYTES = env.number("MAX_BODY_BYTES", 101 * 1024 * 1024)  # larger ones get 413 before Django sees them
EGRESS_ALLOW_LOOPBACK = env.flag("EGRESS_ALLOW_LOOPBACK")  # development only; a check refuses it in production
ENFORCE_API_LIMIT = env.flag("ENFORCE_API_LIMIT")

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.DashboardAuthentication",
        "accounts.authentication.SdkAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["wearlink.lib.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["wearlink.lib.api.parsing.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "wearlink.lib.api.openapi.TenantSchema",
    "EXCEPTION_HANDLER": "wearlink.lib.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "WearLink API",
    "DESCRIPTION": "One API for wearable health data: connect devices, read normalised samples, summaries and scores.",
    "VERSION": "1.0.0",
    "SERVERS": [{"url": "/", "description": "This installation"}],
    "TAGS": [
        {"name": "Users", "description": "The end users whose data is collected."},
        {"name": "Providers", "description": "Where data come from, and your credentials there."},
        {"name": "Connections", "description": "End users at providers' clouds."},
        {"name": "Sync", "description": "Pulling from providers."},
        {"name": "SDK", "description": "Uploads from phones."},
        {"name": "Imports", "description": "Files of an end user's history."},
        {"name": "Exports", "description": "All that is known of an end user, as one archive."},
        {"name": "Health data", "description": "Events, timeseries, summaries and scores."},
        {"name": "Nutrition", "description": "Meals, photos, foods and the energy balance."},
        {"name": "Nutrition review", "description": "The queue of meals that a person must look at."},
        {"name": "Catalogue", "description": "Series and workout types."},
        {"name": "Webhooks", "description": "Event types, endpoints, messages and their delivery."},
        {"name": "API keys", "description": "Keys for servers."},
        {"name": "Team", "description": "Members, roles and invitations."},
        {"name": "Billing", "description": "Plans, subscriptions, invoices and usage."},
        {"name": "Audit", "description": "Who did which privileged act."},
        {"name": "Authentication", "description": "Sign-in, developers and their organization."},
        {"name": "Vendor webhooks", "description": "What providers call."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,  # as declared: the path first, then what a caller thinks of first
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # "`raw` - raw" says nothing
    "ENUM_NAME_OVERRIDES": {
        "JobStatusEnum": ["queued", "running", "done", "done_with_errors", "failed"],
        "RejectionReasonEnum": "nutrition.models.review.RejectionReason",
        "BillingBannerCodeEnum": ["payment_pending", "payment_halted", "grace_ended"],
        "EventTypeLevelEnum": ["session", "group", "granular"],
        "FoodPortionSourceEnum": ["usda", "assumed"],
        "PlanChangeTimingEnum": ["now", "cycle_end"],
        "ProviderAuthEnum": ["oauth2", "sdk_token"],
        "ProviderFeatureEnum": ["pull", "push", "deletes", "upload"],
        "SdkProviderEnum": ["apple", "google", "samsung"],
        "ReviewReasonEnum": "nutrition.models.review.ReviewReason",
        "TeamRoleEnum": "accounts.models.Role",
        "UsagePeriodEnum": ["day", "now"],
        "UsageResourceEnum": ["photos", "end_users", "webhook_endpoints", "team_seats"],
        "CheckStatusEnum": ["ok", "warning", "problem", "unknown"],
        "DiagnosisStatusEnum": ["ok", "warning", "problem"],
        "InvoiceStatusEnum": ["paid", "partially_refunded", "refunded"],
        "ConnectionStatusEnum": ["active", "expired", "revoked", "error"],
        "WebhookEndpointStatusEnum": ["active", "paused", "disabled"],
        "WebhookAttemptStatusEnum": ["succeeded", "failed"],
        "WebhookDestinationStatusEnum": ["pending", "delivered", "failed", "dropped"],
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
}
RATELIMIT_USE_CACHE = "default"

# --- Language and time -----------------------------------------------------------------------------------------------
TIME_ZONE = "UTC"
USE_TZ = True

# --- Mail ------------------------------------------------------------------------------------------------------------
globals().update(environment.email(env.text("EMAIL_URL")))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "WearLink <no-reply@example.com>")

# --- Outgoing webhooks: by the built-in dispatcher, or by Svix where it has a token -----------------------------------
SVIX_TOKEN = env.text("SVIX_TOKEN")
SVIX_SERVER_URL = env.text("SVIX_SERVER_URL")
SVIX_OPERATIONAL_SECRET = env.text("SVIX_OPERATIONAL_SECRET")  # of Svix's own webhook to us, which its cloud has
WEBHOOK_ALLOW_HTTP = env.flag("WEBHOOK_ALLOW_HTTP", DEBUG)
WEBHOOK_EGRESS_ADDRESSES = env.words("WEBHOOK_EGRESS_ADDRESSES")  # shown to customers for their allow-lists
WEBHOOK_THREADS = env.number("WEBHOOK_THREADS", 32)  # calls at a time of one task process

# --- Payments by Razorpay: without keys there are none, and administrators set plans ----------------------------------
RAZORPAY_KEY_ID = env.text("RAZORPAY_KEY_ID")
RAZORPAY_KEY_SECRET = env.text("RAZORPAY_KEY_SECRET")
# The webhook's own secrets: the one that signs, and the one before it, which still signs older events.
RAZORPAY_WEBHOOK_SECRET = env.text("RAZORPAY_WEBHOOK_SECRET")
RAZORPAY_WEBHOOK_SECRET_PREVIOUS = env.text("RAZORPAY_WEBHOOK_SECRET_PREVIOUS")
RAZORPAY_ACCOUNT_ID = env.text("RAZORPAY_ACCOUNT_ID")  # acc_…; events of other accounts are refused
RAZORPAY_API_URL = env.text("RAZORPAY_API_URL", "https://api.razorpay.com/v1").rstrip("/")
RAZORPAY_CHECKOUT_URL = env.text("RAZORPAY_CHECKOUT_URL", "https://checkout.razorpay.com/v1/checkout.js")
BILLING_GRACE_DAYS = env.number("BILLING_GRACE_DAYS", 7)  # of the paid plan while charging fails
BILLING_SELLER = env.text("BILLING_SELLER", "WearLink")  # on invoices; a | begins a new line
# --- What things cost: rupees, as of 2026-04 --------------------------------------------------------------------------
USD_INR_RATE = env.amount("USD_INR_RATE", "84.0")
COST_PER_VISION_RECOGNITION_INR = env.amount("COST_PER_VISION_RECOGNITION_INR", "1.20")
COST_PER_GB_STORAGE_INR_PER_MONTH = env.amount("COST_PER_GB_STORAGE_INR_PER_MONTH", "1.85")
COST_PER_WEBHOOK_DELIVERY_INR = env.amount("COST_PER_WEBHOOK_DELIVERY_INR", "0.04")
RAZORPAY_FEE_PCT = env.amount("RAZORPAY_FEE_PCT", "2.36")
FIXED_INFRA_INR_PER_MONTH = env.amount("FIXED_INFRA_INR_PER_MONTH", "12000")

# --- Meals: without a key every photo waits for a reviewer -----------------------------------------------------------
ANTHROPIC_API_KEY = env.text("ANTHROPIC_API_KEY")
ANTHROPIC_BASE_URL = env.text("ANTHROPIC_BASE_URL")
VISION_MODEL = env.text("VISION_MODEL", "claude-opus-4-7")
VISION_VERIFIER_MODEL = env.text("VISION_VERIFIER_MODEL")  # asked for a second opinion; none by default
VISION_TIMEOUT_SECONDS = env.number("VISION_TIMEOUT_SECONDS", 30)
VISION_PATIENCE_HOURS = env.number("VISION_PATIENCE_HOURS", 24)  # of a model that is down, before a reviewer is asked
REVIEW_CLAIM_SECONDS = env.number("REVIEW_CLAIM_SECONDS", 900)  # how long a reviewer may be silent
REVIEW_SAMPLE_PERCENT = env.number("REVIEW_SAMPLE_PERCENT", 2)  # of accepted logs, read a second time to measure

# --- Retention; 0 keeps for ever --------------------------------------------------------------------------------------
PAYLOAD_RETENTION_DAYS = env.number("PAYLOAD_RETENTION_DAYS", 90)
WEBHOOK_RETENTION_DAYS = env.number("WEBHOOK_RETENTION_DAYS", 90)
EXPORT_RETENTION_HOURS = env.number("EXPORT_RETENTION_HOURS", 24)  # of an export from the moment it is ready
IMPORT_RETENTION_DAYS = env.number("IMPORT_RETENTION_DAYS", 7)  # of uploaded files once they are imported
MEAL_PHOTO_RETENTION_DAYS = env.number("MEAL_PHOTO_RETENTION_DAYS", 0)  # the rows stay
PAYLOAD_BACKLOG = env.number("PAYLOAD_BACKLOG", 1_000)  # waiting batches of one end user; beyond it 429
PAYLOAD_BACKLOG_BYTES = env.number("PAYLOAD_BACKLOG_BYTES", 256 * 1024**2)  # the same in bytes, as they are meant
ORGANIZATION_BACKLOG_BYTES = env.number("ORGANIZATION_BACKLOG_BYTES", 2 * 1024**3)  # of all its end users
ORGANIZATION_IMPORT_BACKLOG = env.number("ORGANIZATION_IMPORT_BACKLOG", 1_000)  # imports of one that wait
ORGANIZATION_EXPORTS = env.number("ORGANIZATION_EXPORTS", 1)  # made at a time of one organization; others have turns
ORGANIZATION_IMPORTS, ORGANIZATION_PHOTOS = env.number("ORGANIZATION_IMPORTS", 1), env.number("ORGANIZATION_PHOTOS", 2)

# --- Operations ------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN")
PROMETHEUS_EXPORT_MIGRATIONS = False
SENTRY_DSN = env.text("SENTRY_DSN")
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOG_FORMAT = env.choice("LOG_FORMAT", frozenset({"json", "text"}), "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "wearlink.lib.monitoring.logs.JsonFormatter"},
        "text": {"()": "wearlink.lib.monitoring.logs.TextFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": LOG_LEVEL, "propagate": True, "handlers": []},
        "django.request": {"level": "ERROR", "propagate": True},
        "django.server": {"level": "ERROR", "propagate": True, "handlers": []},
        "httpx": {"level": "WARNING", "propagate": True},  # else a line for each message to Svix
        "celery.beat": {"level": "WARNING", "propagate": True},
        "celery.worker.strategy": {"level": "WARNING", "propagate": True},
        "celery.app.trace": {"level": "WARNING", "propagate": True},
    },
}
