"""What is sold, and what the creator published about it."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.accounts.models import Brand, Creator, MerchantOwned, currency_code
from catalog.languages import in_language, reader_language
from catalog.money import Money
from catalog.products.attribute_models import Attribute as Attribute
from catalog.products.attribute_models import Relation as Relation
from catalog.products.live_price_models import LivePrice as LivePrice  # Django finds models here
from catalog.products.merchandising_models import SearchRule as SearchRule
from catalog.products.merchandising_models import Synonym as Synonym
from catalog.products.search_log_models import ClickPrior as ClickPrior
from catalog.products.search_log_models import ProductPopularity as ProductPopularity
from catalog.products.search_log_models import SearchClick as SearchClick
from catalog.products.search_log_models import SearchLog as SearchLog


class Category(MerchantOwned):
    """A place in the shop's tree; `path` holds the slugs from the root, `skincare/serum`."""

    slug = models.SlugField(_("slug"))
    path = models.CharField(_("path"), max_length=300, editable=False)
    names = models.JSONField(_("names"), default=dict)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("parent"))

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["merchant", "path"], name="category_path_once")]

    def __str__(self) -> str:
        return self.name(reader_language())

    def name(self, language: str) -> str:
        """Return the name in `language`."""
        return in_language(self.names, language) or self.slug


class ProductStatus(models.TextChoices):
    """Only active products are seen by shoppers."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ARCHIVED = "archived", _("Archived")


def title_in(own: str, titles: Mapping[str, str], language: str) -> str:
    """Return a title in `language` (either Chinese script will do), else the merchant's own wording."""
    family = language.partition("-")[0]
    in_family = {tag: text for tag, text in titles.items() if tag.partition("-")[0] == family}
    return in_language(in_family, language) or own


class Product(MerchantOwned):
    """A thing sold here, or at an external address to which the tracked link leads out."""

    slug = models.SlugField(_("handle"), max_length=200, allow_unicode=True)
    title = models.CharField(_("title"), max_length=300)  # the merchant's own wording, for lists and search
    titles = models.JSONField(_("titles"), default=dict, blank=True, help_text=_("By language."))
    descriptions = models.JSONField(_("descriptions"), default=dict, blank=True, help_text=_("By language."))
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("brand"))
    category = models.ForeignKey(Category, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("category"))
    status = models.CharField(_("status"), max_length=10, choices=ProductStatus.choices, default=ProductStatus.DRAFT)
    external_url = models.URLField(
        _("sold at"), max_length=1000, blank=True, help_text=_("Leave empty when it is sold here.")
    )
    tags = models.JSONField(_("tags"), default=list, blank=True)
    # Typed facts {name: text | number | bool | list of text}; see docs/attributes.md for the names matching reads.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    model_number = models.CharField(_("model"), max_length=300, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "slug"], name="product_slug_once"),
            models.UniqueConstraint(
                fields=["merchant", "external_id"], condition=~Q(external_id=""), name="product_external_once"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "status"], name="product_status")]

    def __str__(self) -> str:
        return self.title

    def title_in(self, language: str) -> str:
        """Return the title in `language`, the merchant's own wording when it is not translated."""
        return title_in(self.title, self.titles, language)

    def description_in(self, language: str) -> str:
        """Return the description in `language`, or an empty text."""
        return in_language(self.descriptions, language)


class Variant(MerchantOwned):
    """What is put into a cart: one SKU with its option values."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("SKU"), max_length=120)
    options = models.JSONField(_("options"), default=dict, blank=True, help_text=_('Such as {"Size": "30 ml"}.'))
    position = models.PositiveIntegerField(_("position"), default=0)
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    requires_shipping = models.BooleanField(_("is shipped"), default=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["product_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="variant_sku_once")]

    def __str__(self) -> str:
        return f"{self.product.title} {self.option_text}".strip()

    @property
    def option_text(self) -> str:
        """The option values in order, `30 ml · Rose`."""
        return " · ".join(str(value) for value in self.options.values())


class Offer(MerchantOwned):
    """A variant's price in one currency. A variant without an offer is searchable and not for sale."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="offers", verbose_name=_("variant"))
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    amount_minor = models.BigIntegerField(_("price (minor units)"))
    compare_at_minor = models.BigIntegerField(_("was (minor units)"), null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="offer_currency_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="offer_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.price)

    @property
    def price(self) -> Money:
        """The price now."""
        return Money(self.amount_minor, self.currency)


class Stock(MerchantOwned):
    """Units on hand and units promised to open orders. Untracked stock never runs out."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, related_name="stock", verbose_name=_("variant"))
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    is_tracked = models.BooleanField(_("is counted"), default=True)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & (Q(is_tracked=False) | Q(reserved__lte=F("on_hand"))),
                name="stock_reserved_within_hand",
            )
        ]

    def __str__(self) -> str:
        return f"{self.available}"

    @property
    def available(self) -> int:
        """Units that can still be promised."""
        return self.on_hand - self.reserved


class Media(MerchantOwned):
    """A picture of a product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="media", verbose_name=_("product"))
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("variant"))
    url = models.CharField(_("address"), max_length=1000)
    alt_texts = models.JSONField(_("descriptions"), default=dict, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.url


class Shelf(MerchantOwned):
    """A product on a creator's shelf, with the creator's own words about it."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="shelf", verbose_name=_("creator"))
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="shelves", verbose_name=_("product"))
    position = models.PositiveIntegerField(_("position"), default=0)
    notes = models.JSONField(_("notes"), default=dict, blank=True)

    class Meta:
        verbose_name = _("shelf place")
        verbose_name_plural = _("shelf")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["creator", "product"], name="shelf_once")]

    def __str__(self) -> str:
        return f"{self.creator} · {self.product}"


class ContentKind(models.TextChoices):
    """What the creator published."""

    VIDEO = "video", _("Video")
    POST = "post", _("Post")
    OPINION = "opinion", _("Answer to an opinion question")


class ContentItem(MerchantOwned):
    """A video or post of a creator, with the products shown and when."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="content", verbose_name=_("creator"))
    slug = models.SlugField(_("slug"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=ContentKind.choices)
    titles = models.JSONField(_("titles"), default=dict)
    bodies = models.JSONField(_("texts"), default=dict, blank=True)
    embed_url = models.URLField(_("embed address"), max_length=1000, blank=True)
    poster_url = models.CharField(_("poster"), max_length=1000, blank=True)
    duration_s = models.PositiveIntegerField(_("length (s)"), default=0)
    is_published = models.BooleanField(_("published"), default=True)
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("content")
        verbose_name_plural = _("content")
        ordering = ["-published_at", "id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "slug"], name="content_slug_once")]

    def __str__(self) -> str:
        return self.title_in(reader_language())

    def title_in(self, language: str) -> str:
        """Return the title in `language`."""
        return in_language(self.titles, language) or self.slug


class TranscriptLine(MerchantOwned):
    """What is said in a video, and when."""

    content = models.ForeignKey(
        ContentItem, on_delete=models.CASCADE, related_name="transcript", verbose_name=_("content")
    )
    start_s = models.PositiveIntegerField(_("from (s)"))
    end_s = models.PositiveIntegerField(_("to (s)"))
    texts = models.JSONField(_("texts"), default=dict)

    class Meta:
        verbose_name = _("transcript line")
        verbose_name_plural = _("transcript")
        ordering = ["start_s", "id"]
        constraints = [models.CheckConstraint(condition=Q(end_s__gte=F("start_s")), name="transcript_end_after_start")]

    def __str__(self) -> str:
        return in_language(self.texts, reader_language())


class ContentProduct(MerchantOwned):
    """A product in a piece of content; without seconds it is linked to the whole of it."""

    content = models.ForeignKey(
        ContentItem, on_delete=models.CASCADE, related_name="products", verbose_name=_("content")
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="content", verbose_name=_("product"))
    start_s = models.PositiveIntegerField(_("from (s)"), null=True, blank=True)
    end_s = models.PositiveIntegerField(_("to (s)"), null=True, blank=True)
    notes = models.JSONField(_("what is said"), default=dict, blank=True)

    class Meta:
        verbose_name = _("product shown")
        verbose_name_plural = _("products shown")
        ordering = ["start_s", "id"]

    def __str__(self) -> str:
        return f"{self.content} · {self.product}"


class ImportState(models.TextChoices):
    """Where an import stands."""

    DRY_RUN = "dry_run", _("Dry run")
    RUNNING = "running", _("Running")
    DONE = "done", _("Imported")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Failed")
    BROKEN_OFF = "broken_off", _("Broken off")  # its process died while it wrote


class ImportRun(MerchantOwned):
    """One import of a merchant's sheet: its counts, its complaints by row, and what undo needs."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("who")
    )
    file_name = models.CharField(_("file"), max_length=300)
    file_path = models.CharField(_("kept at"), max_length=500, blank=True)
    format = models.CharField(_("format"), max_length=40)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices)
    counts = models.JSONField(_("counts"), default=dict)
    issues = models.JSONField(_("rows to fix"), default=list)
    # {row: {field: value}} typed by the merchant in the dry run; applied on top of the file.
    fixes = models.JSONField(_("fixes"), default=dict)
    # Brands and categories this import made, and names it added to old categories; undo needs them.
    made = models.JSONField(_("made"), default=dict, editable=False)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    beat_at = models.DateTimeField(_("last sign of life"), null=True, editable=False)  # while it runs
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportChange(MerchantOwned):
    """A product as it was before an import touched it (null = it was not there), so that undo is exact."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes", verbose_name=_("import"))
    product_id = models.BigIntegerField(_("product"))
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        verbose_name = _("import change")
        verbose_name_plural = _("import changes")
        constraints = [models.UniqueConstraint(fields=["run", "product_id"], name="import_change_once")]

    def __str__(self) -> str:
        return str(self.product_id)
