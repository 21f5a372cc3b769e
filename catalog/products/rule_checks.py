"""What a search rule must hold before it is saved; each refusal names its field and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.products.merchandising_models import RuleKind, SearchRule, query_key
from catalog.products.models import Product, ProductStatus
from catalog.search.analysis import tokens

FACTOR_MIN, FACTOR_MAX = 0.1, 10.0


class RuleRefused(ValueError):
    """A rule that could not hold, or would do nothing."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A rule about to be saved; `rule_id` is its own when it is there already."""

    query: str
    product: Product
    kind: str
    place: int
    factor: float
    starts_at: datetime | None
    ends_at: datetime | None
    rule_id: int | None = None


def check_rule(wanted: WantedRule) -> None:
    """Refuse a rule without words, for a product nobody sees, over, said twice, or against another one.

    Raises: RuleRefused.
    """
    if not tokens(wanted.query):
        raise RuleRefused("query", _("There is no word in it that can be searched for. Write it as shoppers do."))
    if wanted.product.status != ProductStatus.ACTIVE:
        raise RuleRefused("product", _("Shoppers do not see this product. Publish it first, or choose another."))
    _check_numbers(wanted)
    _check_period(wanted)
    _check_others(wanted)


def _check_numbers(wanted: WantedRule) -> None:
    most = settings.SEARCH_PINS_MAX
    if wanted.kind == RuleKind.PIN and not 1 <= wanted.place <= most:
        raise RuleRefused("place", _("Choose a place from 1 to %(most)d.") % {"most": most})
    if wanted.kind == RuleKind.BOOST and not FACTOR_MIN <= wanted.factor <= FACTOR_MAX:
        raise RuleRefused("factor", _("Choose a factor from 0.1 to 10."))
    if wanted.kind == RuleKind.BOOST and wanted.factor == 1:
        raise RuleRefused("factor", _("A factor of 1 changes nothing. Above 1 the product rises, below 1 it sinks."))


def _check_period(wanted: WantedRule) -> None:
    if wanted.ends_at and wanted.ends_at <= timezone.now():
        raise RuleRefused("ends_at", _("That is over already: nobody would see the rule. Choose a later end."))
    if wanted.starts_at and wanted.ends_at and wanted.ends_at <= wanted.starts_at:
        raise RuleRefused("ends_at", _("The end must be after the beginning."))


def _check_others(wanted: WantedRule) -> None:
    others = SearchRule.objects.filter(query_key=query_key(wanted.query)).exclude(pk=wanted.rule_id or 0)
    others = others.filter(merchant_id=wanted.product.merchant_id)
    if others.filter(product=wanted.product, kind=wanted.kind).exists():
        raise RuleRefused(
            "product", _("There is such a rule for this query and product already: change that one instead.")
        )
    meanwhile = others.filter(_overlapping(wanted))
    against = {RuleKind.PIN: RuleKind.HIDE, RuleKind.HIDE: RuleKind.PIN}.get(RuleKind(wanted.kind))
    if against and meanwhile.filter(product=wanted.product, kind=against).exists():
        said = _("For this query the product is hidden at that time: it cannot stand first too.")
        other = _("For this query the product stands first at that time: it cannot be hidden too.")
        raise RuleRefused("kind", said if wanted.kind == RuleKind.PIN else other)
    if wanted.kind != RuleKind.PIN:
        return
    pins = meanwhile.filter(kind=RuleKind.PIN)
    if pins.count() >= settings.SEARCH_PINS_MAX:
        most = settings.SEARCH_PINS_MAX
        raise RuleRefused("kind", _("%(most)d products stand first for this query already.") % {"most": most})
    taken = pins.filter(place=wanted.place).select_related("product").first()
    if taken:
        said = _("Place %(place)d is taken by “%(product)s” at that time. Choose another place.")
        raise RuleRefused("place", said % {"place": wanted.place, "product": taken.product.title})


def _overlapping(wanted: WantedRule) -> Q:
    begins = Q(starts_at=None) | Q(starts_at__lt=wanted.ends_at) if wanted.ends_at else Q()
    ends = Q(ends_at=None) | Q(ends_at__gt=wanted.starts_at) if wanted.starts_at else Q()
    return begins & ends & (Q(ends_at=None) | Q(ends_at__gt=timezone.now()))
