"""Every setting, read once from the environment or `.env`, typed; adapters and subscribers stand here by name."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from shop_assistant.unfold_settings import UNFOLD as UNFOLD  # read by the admin's theme

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))  # a missing file is no error

# --- the house ----------------------------------------------------------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
DEBUG = env.bool("DEBUG", default=True)
BOUND_TO_LOOPBACK = env.bool("BOUND_TO_LOOPBACK", default=False)  # set by scripts/run, which binds 127.0.0.1
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _secret_key() -> str:
    """Return SECRET_KEY, or one made on first run and kept in the data folder (development only)."""
    given: str = env.str("SECRET_KEY", default="")
    if given or not DEBUG:
        return given  # empty outside DEBUG: Django refuses to start
    kept = DATA_DIR / "secret_key"
    try:
        with kept.open("x") as file:
            kept.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return kept.read_text()


SECRET_KEY = _secret_key()

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "shop_assistant.admin_app.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "channels",
    "catalog.outbox",
    "catalog.accounts",
    "catalog.search",
    "catalog.products",
    "catalog.confirmations",
    "catalog.orders",
    "catalog.payments",
    "conversations.funnel",
    "conversations.personas",
    "conversations.chat",
    "conversations.live",
    "frontend",
    "shop_assistant",
]

MIDDLEWARE = [
    "shop_assistant.observability_http.ObservingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "catalog.accounts.tenancy.StaffScopeMiddleware",
    "shop_assistant.outages.SaysWhatIsDown",
]

ROOT_URLCONF = "shop_assistant.urls"
ASGI_APPLICATION = "shop_assistant.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "shop_assistant" / "templates"],  # before unfold's own
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- languages and time -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hant", _("Traditional Chinese")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
FORMAT_MODULE_PATH = "frontend.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- database: SQLite here, PostgreSQL by DATABASE_URL ------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_CONNECT_S = env.int("DATABASE_CONNECT_S", default=5)  # how long PostgreSQL may take to accept a connection
DATABASES: dict[str, dict[str, Any]] = {}
if DATABASE_URL:
    DATABASES["default"] = {**env.db_url_config(DATABASE_URL), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # A database host that swallows packets would hold a request for minutes.
    if "postgresql" in DATABASES["default"]["ENGINE"]:
        DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", DATABASE_CONNECT_S)
else:
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "shop.sqlite3",
        "OPTIONS": {
            # A deferred transaction that reads first and writes later fails with "database is locked" under load.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_THREADS = env.int("DATABASE_THREADS", default=8)  # 0 = the caller's thread (tests that hold a transaction)

# --- parts that switch by the presence of an address or key -------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
ELASTICSEARCH_URL = env.str("ELASTICSEARCH_URL", default="")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="")
OPENAI_MODEL = env.str("OPENAI_MODEL", default="gpt-4o-mini")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])  # several while a secret is rotated

# --- search: the embedded index stands in for Elasticsearch -------------------------------------------------------
SEARCH_BACKEND = (
    "catalog.search.elasticsearch_backend.ElasticsearchSearch"
    if ELASTICSEARCH_URL
    else "catalog.search.embedded.EmbeddedSearch"
)
SEARCH_INDEX_PATH = DATA_DIR / "search.sqlite3"
SEARCH_PAGE_SIZE_MAX = 100
SEARCH_WINDOW_MAX = 100_000  # how far paging goes
SEARCH_CURSOR_SEEN_MAX = 240  # hits by relevance that a cursor remembers; the rest follows by product id
SEARCH_RELAX_TRIES_MAX = 8  # searches that look for what to leave out when nothing fits
SUGGESTIONS_PER_MINUTE = env.int("SUGGESTIONS_PER_MINUTE", default=240)  # completions for one address
SUGGESTED_QUERY_SHOPPERS = env.int("SUGGESTED_QUERY_SHOPPERS", default=3)  # who searched it, before others are told
SUGGESTED_QUERY_DAYS = 30  # how far back searches are told
SUGGESTED_QUERIES_MAX = 200  # of a shop and language, kept for so long:
SUGGESTED_QUERIES_AGE_S = 600
SHELF_PAGE_SIZE = 24  # products on a page of the shop's search
SHELF_FACETS_MAX = 5  # attributes a shelf is narrowed by: those a good share of the newest products have
SHELF_FACET_SHARE = 0.15
SHELF_FACETS_SAMPLE = 500  # products looked at for it
SHELF_FACETS_AGE_S = 600
SIMILAR_SHOWN = 8  # products like this one
SIMILAR_LOOKED_AT = 60  # products compared with it
TOGETHER_DAYS = env.int("TOGETHER_DAYS", default=365)  # orders that tell what is bought together
TOGETHER_ORDERS_MIN = env.int("TOGETHER_ORDERS_MIN", default=3)  # orders that hold both, before it is told
TOGETHER_PRODUCTS_MAX = 30  # of one order; a larger one is a stock order and tells nothing
TOGETHER_KEPT = 12  # partners kept for each product
TOGETHER_SHOWN = 3
COMPARED_MAX = 4  # products side by side
# What a shopper's messages say of a product (catalog/products/wishes.py).
WISH_MESSAGES_MAX = 8  # the newest messages about products that are remembered
WISH_CHARS_MAX = 600  # of each
WISH_TALK_WEIGHT = 0.1  # a word of talk against a word that describes
WISH_END_WEIGHT = 2.0  # how a wish began and the newest message against what came between
WISH_KIND_WORDS_MAX = 3  # a longer wish is not held to a category that bears one of its words
MATCH_SEARCHED = 100  # products a recommendation looks at per search
ATTRIBUTE_RELATIONS_MAX = 20_000  # rows of one sheet of the attribute graph
SEARCH_VOCABULARY_AGE_S = 600  # words of a catalog, for spelling: learned again after so long
SEARCH_VOCABULARY_PAUSE_S = 60  # and after changes, at most so often
SEARCH_VOCABULARY_SMALL = 2_000  # products; the words of so small a catalog are learned again at every change
SEARCH_COLUMNS_PRODUCTS = 200_000  # products whose facets a process holds in memory (embedded; 0.2 kB each)
SEARCH_VOCABULARY_MAX = 200_000  # words; the most common ones
SEARCH_LEXICON_PRODUCTS_MAX = 10_000  # the newest products, whose attribute values and titles searches know by name
SEARCH_LEXICON_SMALL = 300  # products; the names of so small a catalog are learned again at every change
SEARCH_LEXICON_CHARS_MAX = 2_000_000  # Chinese characters of their descriptions that are taken for well written
# The log of searches, and what it teaches (docs/merchandising.md).
SEARCH_LOG = env.bool("SEARCH_LOG", default=True)
SEARCH_LOG_WAIT_MS = 50  # the longest a search waits for the embedded database's writer; then its row is left out
SEARCH_LOG_DAYS = env.int("SEARCH_LOG_DAYS", default=90)  # rows and clicks older than this are deleted
SEARCH_CLICK_WINDOW_S = 4 * 3600  # a product opened later than this after the search was not chosen from it
SEARCH_LOW_CLICKS = 0.05  # queries opened less often than this, of at least so many searches:
SEARCH_LOW_CLICKS_SEARCHES = 10
SEARCH_DEMAND_ROWS = 200  # rows of one list of unmet demand; the CSV holds up to fifty times as many
SYNONYM_ROWS_MAX = 5_000  # rows of one sheet of synonyms
SYNONYM_WORDS_MAX = 20  # words in one row, each at most so many characters:
SYNONYM_CHARS_MAX = 80
SEARCH_PINS_MAX = 10  # products that stand first for one query
SEARCH_EXPLAIN_PRODUCTS = 20  # shown with their reasons
POPULARITY_DAYS = 90  # how far back events count
POPULARITY_HALF_LIFE_DAYS = 14.0  # an event counts half after so long
POPULARITY_WEIGHTS = {"clicked": 1.0, "added": 3.0, "bought": 8.0}
POPULARITY_ENOUGH = 20.0  # weighted events at which a quiet shop's product is half way to the top
POPULARITY_STEP = 0.02  # smaller changes are not written to the index
CLICK_PRIOR_DAYS = 60  # searches that count
CLICK_PRIOR_IMPRESSIONS = 20  # a product shown less often for a query keeps its place
CLICK_PRIOR_EXPOSURE = 10.0  # looks at which half of what was learned is believed
CLICK_PRIOR_QUERIES = 5_000  # a shop's most frequent queries
CLICK_PRIOR_PER_SHOPPER = 3  # searches of one shopper for one query that count
PROPENSITY_CURVE = env.str("PROPENSITY_CURVE", default="power")  # "power": 1 / place ** exponent; or "estimated"
PROPENSITY_EXPONENT = env.float("PROPENSITY_EXPONENT", default=1.0)
PROPENSITY_CLIP = 10.0  # the most a click may count for, however low it stood
PROPENSITY_CLICKS = 1_000  # "estimated" needs so many clicks; with fewer the exponent above holds
ELASTICSEARCH_API_KEY = env.str("ELASTICSEARCH_API_KEY", default="")
ELASTICSEARCH_INDEX_PREFIX = env.str("ELASTICSEARCH_INDEX_PREFIX", default="shop")  # several shops, one cluster
ELASTICSEARCH_SHARDS = env.int("ELASTICSEARCH_SHARDS", default=1)  # of a new index: `reindex` after a change
ELASTICSEARCH_REPLICAS = env.int("ELASTICSEARCH_REPLICAS", default=0)
ELASTICSEARCH_TIMEOUT_S = env.float("ELASTICSEARCH_TIMEOUT_S", default=2.0)  # a search; a turn has to answer after it
ELASTICSEARCH_WRITE_TIMEOUT_S = env.float("ELASTICSEARCH_WRITE_TIMEOUT_S", default=10.0)
ELASTICSEARCH_WRITE_PATIENCE_S = 15.0  # how long a write waits while the engine says "too busy"
ELASTICSEARCH_BATCH = env.int("ELASTICSEARCH_BATCH", default=500)  # documents a request, and at most so many bytes:
ELASTICSEARCH_BATCH_BYTES = env.int("ELASTICSEARCH_BATCH_BYTES", default=5_000_000)
ELASTICSEARCH_WRITERS = env.int("ELASTICSEARCH_WRITERS", default=2)  # requests under way at a time, while one is made
ELASTICSEARCH_REFRESH = env.str("ELASTICSEARCH_REFRESH", default="false")  # "true": a write is found at once (tests)

# --- channels and background work ---------------------------------------------------------------------------------
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "shop_assistant.channel_layer.PatientLayer",
            "CONFIG": {
                # A socket waits a second for Redis, not five.
                "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1.0}],
                "after_outage": {"type": "conversation.nudge", "kind": "message"},
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CELERY_BROKER_URL = REDIS_URL or "memory://"
EMBEDDED_WORKERS = env.bool("EMBEDDED_WORKERS", default=not REDIS_URL)  # drain threads inside the server
OUTBOX_LANES = ("money", "index", "live", "slow")
OUTBOX_LEASE_S = 60
OUTBOX_MAX_ATTEMPTS = 8
OUTBOX_RETRY_BASE_S = 2.0
OUTBOX_WAIT_MAX_S = 60.0  # longest pause of a message whose service does not answer; it waits as long as that lasts
OUTBOX_RECORD_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0)  # between tries to write an outcome while the database restarts
OUTBOX_SWEEP_S = 1.0
OUTBOX_BATCH = 50
OUTBOX_KEEP_DAYS = env.int("OUTBOX_KEEP_DAYS", default=14)  # delivered messages are deleted then; 0 = never
# What may happen once for ever is remembered longer: no provider repeats after so long.
OUTBOX_KEEP_ONCE_DAYS = env.int("OUTBOX_KEEP_ONCE_DAYS", default=400)
OUTBOX_FORGET_BATCH = 5_000  # rows deleted in one statement
# Who hears what: the one table. Each subscriber is a Celery task made by catalog.outbox.subscribers.subscriber.
OUTBOX_SUBSCRIBERS: dict[str, list[str]] = {
    "search.clicked": ["conversations.funnel.search_clicks.on_search_clicked"],
    "product.changed": ["catalog.products.indexing.on_product_changed"],
    "stock.rose": ["catalog.orders.tasks.on_stock_rose"],
    "cart.changed": ["conversations.funnel.subscribers.on_cart_changed"],
    "checkout.started": ["conversations.funnel.subscribers.on_checkout_started"],
    "order.paid": [
        "conversations.funnel.subscribers.on_order_paid",
        "conversations.chat.subscribers.on_order_message",
        "catalog.orders.mails.on_order_event",
        "catalog.payments.tasks.on_order_paid",
    ],
    "order.sent": ["conversations.chat.subscribers.on_order_message", "catalog.orders.mails.on_order_event"],
    "order.refunded": [
        "conversations.chat.subscribers.on_order_message",
        "catalog.orders.mails.on_order_event",
        "catalog.orders.tasks.on_money_back",
    ],
    "order.appointment": ["conversations.chat.subscribers.on_order_message", "catalog.orders.mails.on_order_event"],
    "order.return_received": ["conversations.chat.subscribers.on_order_message", "catalog.orders.mails.on_order_event"],
    "refund.due": ["catalog.payments.tasks.on_refund_due"],
    "waitlist.back": ["conversations.chat.waitlist.on_back_in_stock"],
    "refund.booked": ["catalog.payments.tasks.on_refund_booked"],
    "charge.booked": ["catalog.payments.tasks.on_charge_booked"],
    "charge.ended": ["catalog.payments.tasks.on_charge_ended"],
    "order.owed": ["conversations.chat.subscribers.on_order_message", "catalog.payments.mails.on_owed"],
    "order.charged": ["conversations.chat.subscribers.on_order_message", "catalog.orders.mails.on_order_event"],
    "return.requested": ["catalog.orders.return_labels.on_return_requested"],
    "order.return_label": ["conversations.chat.subscribers.on_order_message", "catalog.orders.mails.on_order_event"],
    "cart.reminder": ["catalog.orders.reminder_mails.on_reminder_due"],
    "order.disputed": ["catalog.payments.tasks.on_order_disputed", "catalog.orders.tasks.on_money_back"],
    "sign_in.requested": ["catalog.accounts.sign_in_mail.on_requested"],
    "order.cancelled": ["conversations.chat.subscribers.on_order_message", "catalog.orders.mails.on_order_event"],
    "live_price.turned": ["conversations.live.prices.on_live_price_turned"],
    "live.question_asked": ["conversations.live.tasks.on_question_asked"],
    "live.answer_ready": ["conversations.live.tasks.on_answer_ready"],
}
CELERY_IMPORTS = (
    "catalog.outbox.tasks",
    "catalog.accounts.sign_in_mail",
    "catalog.products.indexing",
    "catalog.products.live_prices",
    "catalog.products.tasks",
    "catalog.orders.mails",
    "catalog.orders.reminder_mails",
    "catalog.orders.return_labels",
    "catalog.orders.tasks",
    "catalog.orders.together",
    "catalog.payments.mails",
    "catalog.payments.tasks",
    "conversations.funnel.search_clicks",
    "conversations.funnel.subscribers",
    "conversations.funnel.tasks",
    "conversations.chat.subscribers",
    "conversations.live.tasks",
    "conversations.live.prices",
)
CELERY_TASK_DEFAULT_QUEUE = "slow"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False  # a push that fails is no loss: the sweep finds the row
if REDIS_URL:
    CELERY_BROKER_TRANSPORT = "shop_assistant.broker:Transport"  # a worker outlives an outage of Redis
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **{"socket_timeout": 5, "socket_connect_timeout": 1, "visibility_timeout": 600},
    **{"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0},  # a commit does not wait for it
}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # they hold a lease: nobody else has them
# Every periodic act, one row: run by beat at scale, by the server's schedule thread embedded. Seconds.
CELERY_BEAT_SCHEDULE = {
    # In the money lane, which waits for no network; one that is late is dropped, the next does the same.
    "outbox-sweep": {"task": "catalog.outbox.sweep", "schedule": 5.0, "options": {"queue": "money", "expires": 5.0}},
    "live-prices": {"task": "catalog.products.turn_live_prices", "schedule": 5.0},
    "reservations": {"task": "catalog.orders.sweep_reservations", "schedule": 30.0},
    "waitlist": {"task": "catalog.orders.tell_waitlist", "schedule": 300.0},
    "bought-together": {"task": "catalog.orders.learn_together", "schedule": 6 * 3600.0},
    "payments-reconcile": {"task": "catalog.payments.reconcile", "schedule": 60.0},
    "search-log": {"task": "catalog.products.sweep_search_log", "schedule": 3600.0},
    "popularity": {"task": "conversations.funnel.refresh_popularity", "schedule": 3600.0},
    "click-priors": {"task": "catalog.products.refresh_click_priors", "schedule": 6 * 3600.0},
    "statistics": {"task": "catalog.products.refresh_statistics", "schedule": 3600.0},
    "payments-refunds": {"task": "catalog.payments.push_refunds", "schedule": 20.0},
    "payments-collections": {"task": "catalog.payments.push_collections", "schedule": 20.0},
    "returns": {"task": "catalog.orders.follow_returns", "schedule": 300.0},
    "cart-reminders": {"task": "catalog.orders.remind_carts", "schedule": 300.0},
    "imports-broken-off": {"task": "catalog.products.mark_broken_imports", "schedule": 300.0},
    "outbox-old": {"task": "catalog.outbox.forget_delivered", "schedule": 3600.0},
    "payments-catch-up": {"task": "catalog.payments.catch_up", "schedule": 300.0},
    "payments-stand-in": {"task": "catalog.payments.deliver_fake_webhooks", "schedule": 5.0},
}

# --- money --------------------------------------------------------------------------------------------------------
STRIPE_API_URL = env.str("STRIPE_API_URL", default="")  # empty = Stripe's own; a mock or a proxy otherwise
STRIPE_CONNECT_S = env.float("STRIPE_CONNECT_S", default=3.0)
STRIPE_TIMEOUT_S = env.float("STRIPE_TIMEOUT_S", default=8.0)  # one request; with its retry within a turn's deadline
STRIPE_RETRIES = env.int("STRIPE_RETRIES", default=1)  # with the same idempotency key
STRIPE_FAKE_PATH = DATA_DIR / "stripe_fake.sqlite3"
# A bad day of the stand-in, such as duplicates=2,shuffle=1,delay_s=3,errors=0.1 (stripe_fake_behaviour.py names all)
STRIPE_FAKE_BEHAVIOUR = env.str("STRIPE_FAKE_BEHAVIOUR", default="")
CHECKOUT_EXPIRES_S = 31 * 60  # Stripe refuses less than 30 minutes
RESERVATION_S = 40 * 60
REFUND_TRIES_MAX = 12  # then the refund has failed, and the admin says so
REFUND_RETRY_BASE_S = 60.0  # the pause after the first try, doubled each time up to the longest
REFUND_RETRY_MAX_S = 6 * 3600.0
COLLECTION_RETRY_BASE_S = 30.0  # the pause after a charge that was not answered, doubled each time up to the longest
COLLECTION_RETRY_MAX_S = 3600.0
# The pay page asks, with an empty box, whether the card is kept for later differences. With a real key: switch it on
# after a run in Stripe's test mode.
STRIPE_SAVED_CARDS = env.bool("STRIPE_SAVED_CARDS", default=not STRIPE_SECRET_KEY)
RECONCILE_EVENTS_S = 3 * 24 * 3600  # how far back the provider is asked for events that never came (it keeps 30 days)
APPOINTMENT_CHANGE_HOURS = env.int("APPOINTMENT_CHANGE_HOURS", default=24)  # free to move or cancel until then
APPOINTMENT_DAYS_SHOWN = 14  # days of free times that a page or a card shows at once
APPOINTMENT_SLOTS_READ = 24  # free times that the double reads of one look-up
PRIVATE_FILES_ROOT = Path(env.str("PRIVATE_FILES_ROOT", default=str(DATA_DIR / "private")))  # no address leads here
DOWNLOADS_MAX = env.int("DOWNLOADS_MAX", default=5)  # times each file of an order may be fetched
DOWNLOAD_LINK_S = env.int("DOWNLOAD_LINK_S", default=7 * 24 * 3600)  # how long the link in a mail opens
DIGITAL_FILE_MAX_BYTES = env.int("DIGITAL_FILE_MAX_BYTES", default=500_000_000)  # one upload in the admin
CONFIRMATION_EXPIRES_S = 10 * 60
ORDER_PROPOSALS_PER_SESSION = env.int("ORDER_PROPOSALS_PER_SESSION", default=60)  # writes the double may propose
ORDER_WRITES_PER_SESSION = env.int("ORDER_WRITES_PER_SESSION", default=20)  # changes to orders by one conversation
ORDER_WRITES_PER_DAY = env.int("ORDER_WRITES_PER_DAY", default=30)  # by one shopper, in 24 hours
WEBHOOK_TOLERANCE_S = 300
WEBHOOK_BODY_MAX_BYTES = 1_000_000
WAITLIST_PER_SHOPPER_MAX = 20
WAITLIST_PER_MINUTE = 30  # wishes from one address
WAITLIST_HEAD_START_S = 4 * 3600  # those who are told first have so long before the next in line hears
# --- carts that were left: only shoppers who ticked the box are written to -----------------------------------------
CART_REMINDERS_MAX = env.int("CART_REMINDERS_MAX", default=2)  # mails about one cart; 0 = none are sent
CART_REMINDER_AFTER_S = env.int("CART_REMINDER_AFTER_S", default=4 * 3600)  # untouched for so long: the first
CART_REMINDER_NEXT_S = env.int("CART_REMINDER_NEXT_S", default=44 * 3600)  # the next one, after the one before
CART_REMINDER_FORGET_S = env.int("CART_REMINDER_FORGET_S", default=7 * 24 * 3600)  # older carts are left in peace
CART_REMINDER_QUIET = (21, 9)  # no mail from this hour to that one, in the merchant's time zone
CART_REMINDER_BATCH = 200  # carts looked at in one run
# --- returned parcels: who makes their labels ("" = nobody: staff write to the shopper) ----------------------------
_HAS_LIVE_KEY = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))  # a stand-in must not send real money back
RETURN_CARRIER = env.str(
    "RETURN_CARRIER",
    default="catalog.orders.return_fake.FakeCarrier" if (DEBUG or BOUND_TO_LOOPBACK) and not _HAS_LIVE_KEY else "",
)
RETURN_FAKE_PATH = DATA_DIR / "return_fake.sqlite3"
# A bad day of the stand-in, such as errors=0.2,delay_s=3,lost_answers=0.1,seed=1
RETURN_FAKE_BEHAVIOUR = env.str("RETURN_FAKE_BEHAVIOUR", default="")
RETURN_CHECK_S = 300  # how often a carrier is asked about one parcel
RETURN_SCAN_ENDS_RETURN = env.bool("RETURN_SCAN_ENDS_RETURN", default=True)  # "received" sends the money back
CART_LINES_MAX = 50
CART_CODES_MAX = 3  # promotion codes in one cart
CODE_MISSES_MAX = env.int("CODE_MISSES_MAX", default=10)  # unknown codes from one shopper, or one address, in so long:
CODE_MISSES_S = env.int("CODE_MISSES_S", default=600)
CODE_CHARS_MAX = 40
LIVE_PRICE_BATCH = 500  # boundaries of live prices told in one sweep
STRIPE_TAX = env.bool("STRIPE_TAX", default=False)  # Stripe works the tax out; the shop's own rates rest
STRIPE_TAX_BEHAVIOR = env.str("STRIPE_TAX_BEHAVIOR", default="exclusive")  # or "inclusive": prices include the tax
CART_QUANTITY_MAX = 99

# --- mail: printed here, sent by EMAIL_URL (smtp://user:password@host:port, smtp+tls://…) -------------------------
_EMAIL = env.email("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = _EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _EMAIL.get("EMAIL_HOST") or "", _EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _EMAIL.get("EMAIL_HOST_USER") or "", _EMAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _EMAIL.get("EMAIL_USE_TLS", False), _EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="orders@localhost")

# --- conversation -------------------------------------------------------------------------------------------------
MESSAGE_CHARS_MAX = 2_000
FRAME_BYTES_MAX = 16_384
TURN_DEADLINE_S = 30.0
TURN_TOOL_CALLS_MAX = 8
# A chat model behind the network: how long it may be silent, how often it is asked, when it is left alone.
OPENAI_CONNECT_S = env.float("OPENAI_CONNECT_S", default=3.0)
OPENAI_FIRST_TOKEN_S = env.float("OPENAI_FIRST_TOKEN_S", default=8.0)  # all first tokens of one turn together
OPENAI_GAP_S = env.float("OPENAI_GAP_S", default=6.0)  # between two pieces of an answer that has begun
OPENAI_ATTEMPTS = env.int("OPENAI_ATTEMPTS", default=2)  # before the first word only, and within the time for it
OPENAI_BREAKER_FAILURES = env.int("OPENAI_BREAKER_FAILURES", default=3)  # so many turns failed ...
OPENAI_BREAKER_WITHIN_S = env.float("OPENAI_BREAKER_WITHIN_S", default=60.0)  # ... within this time:
OPENAI_BREAKER_REST_S = env.float("OPENAI_BREAKER_REST_S", default=30.0)  # nobody asks it so long, then one turn does
HISTORY_MESSAGES = 20
TOKEN_INTERVAL_MS = 50
SIGN_IN_CODE_S = 10 * 60
SIGN_IN_TRIES = 5  # wrong guesses a code
# Codes an hour: to one address, from one browser, from one network address.
SIGN_IN_PER_HOUR = {"email_hash": 5, "asked_by": 10, "address_hash": 60}
SHOPPER_TOKEN_S = 180 * 24 * 3600
MESSAGES_PER_MINUTE = 20

# --- live room ----------------------------------------------------------------------------------------------------
ROOM_LOG = "conversations.live.redis_log.RedisLog" if REDIS_URL else "conversations.live.local_log.LocalLog"
ROOM_HISTORY_MAX = 1_000
ROOM_TICK_MS = 50
ROOM_TICK_ABOVE_PER_S = 10
ROOM_QUEUE_MAX = 256
ROOM_ASKS_PER_10S = 5
ROOM_QUESTION_CHARS_MAX = 300
ROOM_HEARTBEAT_S = 25

# --- funnel -------------------------------------------------------------------------------------------------------
ANALYTICS_STORE = "conversations.funnel.sql_store.SqlStore"
FUNNEL_WINDOW_S = 7 * 24 * 3600
FUNNEL_SMALL_N = 50

# --- import -------------------------------------------------------------------------------------------------------
IMPORT_FILE_BYTES_MAX = 200_000_000
IMPORT_BATCH = 500
IMPORT_UNDO_DAYS = 30
IMPORT_SILENT_S = 900  # an import without a sign of life for so long has broken off
IMPORT_PRICE_MAX_MINOR = 100_000_000_00

# --- pages, API, security -----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
# Where a creator's videos may be framed from; the stage slot takes any of these.
EMBED_HOSTS = env.list(
    "EMBED_HOSTS",
    default=["https://www.youtube-nocookie.com", "https://player.vimeo.com", "https://player.bilibili.com"],
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "https:"],
        "media-src": ["'self'", "https:"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'", *EMBED_HOSTS],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", "https://checkout.stripe.com"],
        "object-src": ["'none'"],
    },
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Shop assistant",
    "DESCRIPTION": "Conversations, products, carts and orders of a creator's shop.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
}
# --- watching the house: probes, logs, metrics, traces --------------------------------------------------------------
READY_REQUIRES = env.list("READY_REQUIRES", default=["database", "migrations"])  # /readyz/ is 503 without these
READY_CACHE_S = 1.0
READY_PART_S = 2.0  # a part that says nothing for so long is down
READY_OUTBOX_LATE_S = 60.0  # how long due work may wait before it counts as late
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # without one, /metrics tells only a development server's machine
METRICS_OUTBOX_CACHE_S = 5.0
METRICS_WORKER_PORT = env.int("METRICS_WORKER_PORT", default=0)  # where a worker serves its own; 0 = nowhere
METRICS_WORKER_ADDRESS = env.str("METRICS_WORKER_ADDRESS", default="127.0.0.1")
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")  # such as http://collector:4318
OTEL_SERVICE_NAME = env.str("OTEL_SERVICE_NAME", default="shop")
LOG_FORMAT = env.str("LOG_FORMAT", default="plain")  # or "json": an object a line
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=LOG_FORMAT == "json")  # a line a request, without its query
_LINES = {
    "plain": {
        "()": "shop_assistant.logging_formats.PlainFormatter",
        "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
    },
    "json": {"()": "shop_assistant.logging_json.JsonFormatter"},
}
if LOG_FORMAT not in _LINES:
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT}: set it to plain or json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"belongs_to": {"()": "shop_assistant.logging_formats.BelongsTo"}},
    "formatters": {"console": _LINES[LOG_FORMAT]},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "console", "filters": ["belongs_to"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # One line per delivered message would bury everything else; failures are logged by the outbox itself.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "uvicorn": {"handlers": [], "propagate": True},  # the server's own lines leave in the same form
        "uvicorn.access": {"handlers": [], "propagate": False},  # it writes queries out; LOG_REQUESTS does not
    },
}
