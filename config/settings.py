"""One settings file, driven by the environment, embedded by default.

With no environment at all: SQLite and files under `var/`, Celery run in place, mail written to `var/outbox/`.
`DATABASE_URL`, `REDIS_URL` and `EMAIL_URL` (or `EMAIL_BACKEND` of an anymail provider) grow the installation.
Every variable may also be given as `NAME_FILE`, the path of a file that holds it (Docker secrets), and has its line in
`deploy/env.example`.
"""

from email.utils import formataddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from config.environment import broker_options, cache, database, environment, kept_pages, kept_secret_key, mail_system

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- Who runs this installation -------------------------------------------------------------------------------------
SITE_URL = env.str("SITE_URL", default="https://broadsheet.example.org").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Broadsheet")
CURATOR = env.str("CURATOR", default=SITE_NAME)
POSTAL_ADDRESS = env.str("POSTAL_ADDRESS", default="Broadsheet sample edition, 1 Example Street, 00000 Exampleton")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
# The domain of Message-ID, List-Id, bounces and the From address; SPF, DKIM and DMARC must be set for it.
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default=SITE_HOST)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=formataddr((SITE_NAME, f"digest@{MAIL_DOMAIN}")))
SERVER_EMAIL = env.str("SERVER_EMAIL", default=f"server@{MAIL_DOMAIN}")
# Where a mail client that knows only the mailto form of List-Unsubscribe writes to.
UNSUBSCRIBE_EMAIL = env.str("UNSUBSCRIBE_EMAIL", default=f"unsubscribe@{MAIL_DOMAIN}")
CONTACT = env.str("CONTACT", default=SERVER_EMAIL)
# What the operator says on the pages "about" and "privacy", beside what is there: plain text.
ABOUT_NOTE = env.str("ABOUT_NOTE", default="", multiline=True)
PRIVACY_NOTE = env.str("PRIVACY_NOTE", default="", multiline=True)
# The last field of Feedback-ID: stable for the life of the installation, 5 to 15 characters.
FEEDBACK_SENDER = env.str("FEEDBACK_SENDER", default="broadsheet")

# --- Django ---------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret_key(VAR_DIR / "secret.key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_HOST, "localhost", "127.0.0.1", "[::1]"])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Reader"
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
# Dates as they are written everywhere else: the admin's own columns follow these.
DATE_FORMAT, TIME_FORMAT, DATETIME_FORMAT = "j F Y", "H:i", "j F Y, H:i"

INSTALLED_APPS = [
    "digest.apps.StaffConfig",  # django.contrib.admin with a site of our own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "corsheaders",
    "csp",
    "django_htmx",
    "import_export",
    "accounts",
    "digest",
]
MIDDLEWARE = [
    "digest.web.probes.probes",
    "corsheaders.middleware.CorsMiddleware",
    "digest.web.api.limits.limits",
    "digest.web.api.errors.errors_in_words",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.kept_nowhere.kept_nowhere",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
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
                "digest.web.context.site",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Signing in (django-allauth): by a code that is mailed; staff may add a password, a passkey or TOTP ---------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "you:preferences"
ACCOUNT_ADAPTER = "digest.web.login.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # nobody signs up there: it lets staff sign in with a password
ACCOUNT_FORMS = {"request_login_code": "digest.web.login.CodeForm"}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # an address without an account gets a mail too: the page cannot tell
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # the address is confirmed before there is an account
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = "today"
ACCOUNT_SESSION_REMEMBER = True
# How often an address of the network, or one mail address (key), may do what: counted in the cache that all share.
# By "_mail", a mailbox gets as many mails of strangers' making, however they spell its address.
ACCOUNT_RATE_LIMITS = {
    "signup": "10/m/ip,200/d/ip",
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "request_login_code": "20/m/ip,300/d/ip,3/m/key,20/d/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "5/m/user,20/d/user",
    "signup_mail": "5/d/key",
    "login_mail": "20/d/key",
    "new_address_mail": "2/d/key",
    "look_up_paper": "20/h/user",
    "submit_paper": "10/d/user",
    "vote": "60/m/user,1000/d/user",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
# Whether the admin opens only to staff who signed in with a second factor.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=False)
# Who may bring readers in from a file, and take them out into one, is a permission of its own.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True  # one machine needs no collectstatic step

# --- Data: SQLite embedded, PostgreSQL when DATABASE_URL says so ----------------------------------------------------
DATABASES = {
    "default": database(env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'broadsheet.sqlite3'}")),
}

# --- What machines ask: /healthz/live, /healthz/ready and /metrics ----------------------------------------------------
# Who may read /metrics: whoever asks directly (through no proxy) from these networks, and whoever shows the token.
METRICS_ALLOWED = [ip_network(text) for text in env.list("METRICS_ALLOWED", default=["127.0.0.0/8", "::1/128"])]
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Where a worker answers the same, since it has no web server: at no port unless one is given.
WORKER_HOST = env.str("WORKER_HOST", default="127.0.0.1")
WORKER_PORT = env.int("WORKER_PORT", default=0)

# --- Celery: in place when embedded, workers on Redis when REDIS_URL says so ----------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
# Limits on sign-up and login are counted here, so all web processes must share it.
CACHES = {"default": cache(REDIS_URL), "pages": kept_pages()}
# Seconds for which a public page is kept as it was made last, unless something changes before; 0: none is kept.
PAGES_KEPT = env.int("PAGES_KEPT", default=300)
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives any outage of its broker
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
# Confirmations and codes have a queue of their own, so that a worker can be kept free for them: `celery worker -Q
# letters`. Any other worker takes from both, letters first.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"letters": {}, "digests": {}}
CELERY_TASK_DEFAULT_QUEUE = "digests"
CELERY_TASK_ROUTES = {"digest.tasks.deliver_letters": {"queue": "letters"}}
# A worker takes no message that it cannot begin with: another one may be free. So it holds one per process and gives
# it back when it is done. A message that dies with its worker comes again after an hour, long expired: rows are due
# again much earlier.
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_PREFETCH_COUNT_REDUCTION = False
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- Mail: files in var/outbox/ until EMAIL_URL (SMTP) or EMAIL_BACKEND (an anymail provider) says otherwise ---------
EMAIL_FILE_PATH = VAR_DIR / "outbox"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)
# How many connections to the mail system one process opens at most, where mails wait: one near by is served by a few,
# one 40 ms away takes some 23 mails a second on each.
MAIL_CONNECTIONS = env.int("MAIL_CONNECTIONS", default=40)
if env.str("EMAIL_URL", default=""):
    vars().update(mail_system(env.email_url("EMAIL_URL")))
ANYMAIL = env.json("ANYMAIL", default={})
# What to do with a digest of which nobody knows whether it left: "hold" it, or "resend" it once, with the same
# Message-ID, after so many minutes without a word from the mail provider.
UNCERTAIN = env.str("UNCERTAIN", default="hold")
UNCERTAIN_AFTER = env.int("UNCERTAIN_AFTER", default=30)
# How many mails one SMTP connection carries before it makes way for a new one.
MAIL_PER_CONNECTION = env.int("MAIL_PER_CONNECTION", default=1000)
# Seconds to wait for each answer about a mail, its final one above all: longer than EMAIL_TIMEOUT, which is for
# connecting, greeting and signing in. Without that answer nobody knows whether the mail was taken.
MAIL_REPLY_TIMEOUT = env.int("MAIL_REPLY_TIMEOUT", default=300)
# Who hears that mail has stopped; nobody named: every superuser.
ALERT_EMAIL = env.list("ALERT_EMAIL", default=[])
# Mail stops where more than this share of mails is refused for what the sender is, of so many mails at least.
MAIL_STOP_SHARE = env.float("MAIL_STOP_SHARE", default=0.05)
MAIL_STOP_LEAST = env.int("MAIL_STOP_LEAST", default=50)
# Where no relay signs the mail: a private key in PEM, best given by DKIM_KEY_FILE. Its public half stands in the DNS at
# DKIM_SELECTOR._domainkey.DKIM_DOMAIN.
DKIM_KEY = env.str("DKIM_KEY", default="", multiline=True)
DKIM_SELECTOR = env.str("DKIM_SELECTOR", default="broadsheet")
DKIM_DOMAIN = env.str("DKIM_DOMAIN", default=MAIL_DOMAIN)

# --- Fetching -------------------------------------------------------------------------------------------------------
USER_AGENT = env.str("USER_AGENT", default=f"Broadsheet/0.1 (+{SITE_URL}; mailto:{CONTACT})")
# Hosts that may be fetched although their address is not public: tests and intranets.
FETCH_ALLOWED_HOSTS = env.list("FETCH_ALLOWED_HOSTS", default=[])
# Whether abstracts that journals' feeds leave out are asked for at Crossref, a few papers at a time.
CROSSREF = env.bool("CROSSREF", default=False)
CROSSREF_URL = env.str("CROSSREF_URL", default="https://api.crossref.org")
ARXIV_API_URL = env.str("ARXIV_API_URL", default="https://export.arxiv.org/api/query")
ARXIV_OAI_URL = env.str("ARXIV_OAI_URL", default="https://oaipmh.arxiv.org/oai")

# --- What programs may read: /api/, and the public feeds ------------------------------------------------------------
# Where requests are counted: by all processes together, or by each for itself.
COUNTED_IN = REDIS_URL or "memory://"
# How often one address of the network may ask the API; nothing: as often as it likes.
API_RATE = env.str("API_RATE", default="120/minute,20/second")
# The licence under which you give out what the API answers; nothing: its description names none.
API_LICENCE = env.str("API_LICENCE", default="")
# Pages of anybody may read these, as nobody: without the cookies of who looks at them.
CORS_URLS_REGEX = r"^/(api/|(?!feeds/).*\.atom$)"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "if-none-match", "user-agent", "x-requested-with"]
CORS_EXPOSE_HEADERS = ["ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"]

# --- What browsers may do with the pages: nothing of anybody else's, nothing inline -----------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # addresses of pages can hold a reader's signed link
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 30 * 24 * 3600

# --- Behind HTTPS: set in production, where a proxy ends TLS and sends X-Forwarded-Proto -----------------------------
HTTPS = env.bool("HTTPS", default=False)
# How many proxies of yours stand before the web server and add to X-Forwarded-For: who asks is told from that.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXIES", default=1 if HTTPS else 0)
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"httpx2": {"level": "WARNING"}},  # each visit to a source is a row already
}
