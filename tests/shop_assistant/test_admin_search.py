"""Admin: rules, synonyms, unmet demand and the reasons for a ranking, as a merchant meets them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.products.indexing import reindex
from catalog.products.merchandising import rules_for
from catalog.products.merchandising_models import SearchRule, Synonym
from catalog.products.models import Product
from catalog.products.search_clicks import clicked
from catalog.products.search_log import Asker
from catalog.products.search_log_models import ClickPrior, ProductPopularity, SearchClick, SearchLog
from catalog.products.selectors import search_products
from catalog.search.ports import ProductQuery, SearchRules
from tests.factories import make_merchant, make_product
from tests.shop_assistant.staff import form_of, signed_in, text_of
from tests.shop_assistant.test_admin_prices import moments

RULE = "/admin/products/searchrule/add/"
SYNONYM = "/admin/products/synonym/add/"
WHY, UNMET, UNMET_CSV = "/admin/search/why/", "/admin/search/unmet/", "/admin/search/unmet.csv"


def sold(merchant: Merchant, *titles: str, **fields: Any) -> list[int]:
    ids = []
    for title in titles:
        slug = title.lower().replace(" ", "-")
        ids.append(make_product(merchant, title=title, slug=slug, external_id=slug, **fields).pk)
    reindex(merchant=merchant)
    return ids


def sent(client: Client, page: str, **fields: Any) -> Any:
    data = {**form_of(client, page), **fields}
    return client.post(page, {name: value for name, value in data.items() if value is not None})


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def searched(merchant: Merchant, text: str, language: str = "en", surface: str = "shop") -> str:
    query = ProductQuery(merchant_id=merchant.pk, text=text)
    return search_products(query=query, language=language, asked_by=Asker(surface)).search_id


def found(merchant: Merchant, text: str) -> list[int]:
    page = search_products(query=ProductQuery(merchant_id=merchant.pk, text=text), language="en")
    return [view.product_id for view in page.products]


def test_a_pin_is_written_from_a_prefilled_page_and_holds_at_once(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Serum b")
    client = signed_in(in_scope, "editor")

    answer = sent(client, f"{RULE}?query=Serum&kind=pin&product={ids[1]}")

    assert answer.status_code == 302
    row = SearchRule.objects.get()
    assert (row.query, row.query_key, row.product_id, row.kind, row.place) == ("Serum", "serum", ids[1], "pin", 1)
    assert found(in_scope, "serum") == [ids[1], ids[0]]


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"query": " !? "}, "query", "no word in it"),
        ({"place": "0"}, "place", "from 1 to 10"),
        ({"place": "11"}, "place", "from 1 to 10"),
        ({"kind": "boost", "factor": "0.05"}, "factor", "from 0.1 to 10"),
        ({"kind": "boost", "factor": "1"}, "factor", "changes nothing"),
        (moments(timedelta(days=-2), timedelta(days=-1)), "ends_at", "over already"),
        (moments(timedelta(days=2), timedelta(days=1)), "ends_at", "after the beginning"),
    ],
)
def test_a_rule_that_could_not_hold_is_refused_at_its_field(
    in_scope: Merchant, fields: dict[str, str], field: str, said: str
) -> None:
    ids = sold(in_scope, "Serum a")
    given = {"query": "serum", "product": ids[0], "kind": "pin", **fields}

    errors = errors_of(sent(signed_in(in_scope, "owner"), RULE, **given))

    assert list(errors) == [field]
    assert said in errors[field][0]
    assert SearchRule.objects.count() == 0


def test_rules_that_speak_against_each_other_are_refused(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Serum b")
    client = signed_in(in_scope, "owner")
    SearchRule.objects.create(merchant=in_scope, query="serum", product_id=ids[0], kind="pin")

    def refused(**fields: Any) -> dict[str, list[str]]:
        return errors_of(sent(client, RULE, **{"query": "SERUM", "product": ids[0], "kind": "pin", **fields}))

    assert "already" in refused()["product"][0]
    assert "cannot be hidden" in refused(kind="hide")["kind"][0]
    assert "taken by “Serum a”" in refused(product=ids[1])["place"][0]
    assert SearchRule.objects.count() == 1
    later = moments(timedelta(days=2), timedelta(days=3))
    SearchRule.objects.update(ends_at=timezone.now() + timedelta(days=1))
    assert sent(client, RULE, query="serum", product=ids[1], kind="pin", **later).status_code == 302


def test_a_draft_or_a_product_of_another_shop_cannot_be_pinned(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a")
    Product.objects.update(status="draft")
    other = make_merchant()
    with merchant_scope(other):
        foreign = make_product(other, title="Serum x", slug="x").pk
    client = signed_in(in_scope, "owner")

    assert "Publish it first" in errors_of(sent(client, RULE, query="a", product=ids[0], kind="pin"))["product"][0]
    assert "product" in errors_of(sent(client, RULE, query="a", product=foreign, kind="pin"))
    with every_merchant():
        assert SearchRule.objects.count() == 0


def test_the_preview_shows_what_shoppers_see_now_and_with_the_rule(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Serum b", "Serum c")
    client = signed_in(in_scope, "analyst")
    SearchRule.objects.create(merchant=in_scope, query="serum", product_id=ids[2], kind="hide")
    page = "/admin/products/searchrule/preview/"

    def lists(**given: Any) -> list[list[str]]:
        context = client.get(page, given).context
        shown = [context["now"], context.get("then")]
        return [[one.product.title for one in each.standings] for each in shown if each]

    assert lists(query="serum") == [["Serum a", "Serum b"]]
    assert lists(query="serum", product=ids[1], kind="pin", place=1) == [["Serum a", "Serum b"], ["Serum b", "Serum a"]]
    assert lists(query="serum", product=ids[0], kind="hide") == [["Serum a", "Serum b"], ["Serum b"]]
    assert lists(query="serum", product=ids[0], kind="boost", factor="0.1")[1] == ["Serum b", "Serum a"]
    assert lists(query="serum", product=ids[0], kind="boost", factor="99") == [["Serum a", "Serum b"]]
    assert "Write a query" in text_of(client.get(page).content)
    assert SearchRule.objects.count() == 1


def test_the_preview_knows_the_places_of_the_pins_that_are_there(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Serum b", "Serum c", "Serum d")
    for product_id, place in ((ids[3], 1), (ids[2], 5)):
        SearchRule.objects.create(merchant=in_scope, query="serum", product_id=product_id, kind="pin", place=place)
    client = signed_in(in_scope, "editor")

    def then(place: int) -> list[str]:
        given = {"query": "Serum", "product": ids[1], "kind": "pin", "place": place}
        context = client.get("/admin/products/searchrule/preview/", given).context
        return [one.product.title[-1] for one in context["then"].standings]

    assert [then(place) for place in (3, 9)] == [["d", "b", "c", "a"], ["d", "c", "b", "a"]]


def test_a_saved_rule_is_not_counted_twice_in_its_own_preview(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Serum b")
    rule = SearchRule.objects.create(merchant=in_scope, query="serum", product_id=ids[1], kind="hide")

    context = signed_in(in_scope, "editor").get(
        "/admin/products/searchrule/preview/",
        {"query": "serum", "product": ids[1], "kind": "boost", "factor": "3", "rule": rule.pk},
    ).context  # fmt: skip

    assert [one.product.title for one in context["now"].standings] == ["Serum a"]
    assert [one.product.title for one in context["then"].standings] == ["Serum b", "Serum a"]


def test_a_rule_is_ended_now_and_one_to_come_is_taken_back(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Serum b")
    now = timezone.now()
    for product_id, start in zip(ids, (None, now + timedelta(days=1)), strict=True):
        SearchRule.objects.create(
            merchant=in_scope,
            query="serum",
            product_id=product_id,
            kind="pin",
            starts_at=start,
            place=ids.index(product_id) + 1,
        )
    chosen = list(SearchRule.objects.values_list("pk", flat=True))

    signed_in(in_scope, "editor").post("/admin/products/searchrule/", {"action": "end_now", "_selected_action": chosen})

    ended = SearchRule.objects.get().ends_at
    assert ended is not None
    assert ended <= timezone.now()
    assert rules_for("serum") == SearchRules()


@pytest.mark.parametrize(("role", "status"), [("analyst", 403), ("agent", 403), ("editor", 200), ("owner", 200)])
def test_who_may_write_rules_and_synonyms(in_scope: Merchant, role: str, status: int) -> None:
    client = signed_in(in_scope, role)

    assert [client.get(page).status_code for page in (RULE, SYNONYM)] == [status, status]
    assert client.get("/admin/products/synonym/import/").status_code == status
    assert client.get(WHY).status_code == client.get(UNMET).status_code == 200


def test_a_synonym_is_written_with_commas_and_finds_at_once(in_scope: Merchant) -> None:
    (wash,) = sold(in_scope, "Gel wash")
    client = signed_in(in_scope, "editor")
    assert found(in_scope, "cleanser") == []

    assert sent(client, f"{SYNONYM}?words=cleanser", words="cleanser, Wash, WASH").status_code == 302

    assert Synonym.objects.get().words == ["cleanser", "Wash"]
    assert found(in_scope, "cleanser") == [wash]


@pytest.mark.parametrize("words", ["wash", "wash, WASH", "防曬, 防晒", "wash, !?", "x" * 81 + ", y", ""])
def test_words_that_stand_for_nothing_are_refused(in_scope: Merchant, words: str) -> None:
    assert list(errors_of(sent(signed_in(in_scope, "owner"), SYNONYM, words=words))) == ["words"]
    assert Synonym.objects.count() == 0


def upload(client: Client, text: str) -> Any:
    merchant = Merchant.objects.order_by("pk").first()
    sheet = SimpleUploadedFile("synonyms.csv", text.encode("utf-8-sig"))
    return client.post("/admin/products/synonym/import/", {"sheet": sheet, "merchant": merchant.pk})


def test_synonyms_go_out_and_come_in_as_a_sheet(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "editor")
    Synonym.objects.create(merchant=in_scope, words=["sunscreen", "防曬"])
    Synonym.objects.create(merchant=in_scope, words=["=1+1", "sum"], is_one_way=True, is_active=False)

    sheet = client.get("/admin/products/synonym/sheet.csv").content.decode()
    assert sheet == "words,one_way,active\r\nsunscreen | 防曬,no,yes\r\n'=1+1 | sum,yes,no\r\n"
    answer = upload(client, sheet + "wash|cleanser,yes,\r\n防晒 | SUNSCREEN,yes,yes\r\n".replace("防晒", "x | 防晒"))

    assert answer.status_code == 302
    rows = list(Synonym.objects.order_by("pk").values_list("words", "is_one_way", "is_active"))
    assert rows == [
        (["sunscreen", "防曬"], False, True),
        (["=1+1", "sum"], True, False),
        (["wash", "cleanser"], True, True),
        (["x", "防晒", "SUNSCREEN"], True, True),
    ]


def test_a_sheet_with_an_error_writes_nothing_and_says_where(in_scope: Merchant) -> None:
    answer = upload(signed_in(in_scope, "editor"), "words,one_way\na | b,no\nalone,no\nc | d,perhaps\nB | A,no\n")

    said = text_of(answer.content)
    assert "Row 3: Name at least two different words" in said
    assert "Row 4: one_way: write yes or no, not “perhaps”." in said
    assert "Row 5: The same words stand in row 2." in said
    assert Synonym.objects.count() == 0


def test_each_product_tells_why_and_its_points_add_up(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Rose sunscreen", "Sunscreen milk", "Balm")
    end = datetime(2030, 11, 29, 17, tzinfo=UTC)  # the 30th in Taipei
    SearchRule.objects.create(merchant=in_scope, query="sunscreens", product_id=ids[1], kind="pin", ends_at=end)
    SearchRule.objects.create(merchant=in_scope, query="sunscreens", product_id=ids[0], kind="boost", factor=0.5)
    ProductPopularity.objects.create(
        merchant=in_scope, product_id=ids[1], value=0.5, clicked=40, bought=14, computed_at=timezone.now()
    )
    ClickPrior.objects.create(
        merchant=in_scope, query_key="sunscreens", product_id=ids[0], value=0.3, impressions=240, clicks=31,
        computed_at=timezone.now(),
    )  # fmt: skip

    context = signed_in(in_scope, "analyst").get(WHY, {"q": "Sunscreens"}).context

    assert [one.product.product_id for one in context["found"].standings] == [ids[1], ids[0]]
    first, second = context["found"].standings
    assert first.reasons == (
        "pinned by you until 30 Nov",
        "title matches “Sunscreens”",
        "in stock",
        "bought 14 times in 30 days",
    )
    assert second.reasons == (
        "lowered by you ×0.5",
        "title matches “Sunscreens”",
        "in stock",
        "chosen more often than usual here (31 of 240)",
    )
    for row in context["standings"]:
        points = [round(1000 * float(part["points"])) for part in row["points"]]
        assert sum(points) == round(1000 * float(row["score"]))
    assert "Your factor" in [part["words"] for part in context["standings"][1]["points"]]


def test_words_are_told_as_they_were_typed_in_either_script(in_scope: Merchant) -> None:
    sold(in_scope, "清爽防曬乳", "防曬噴霧")

    context = signed_in(in_scope, "owner").get(WHY, {"q": "防曬乳 液", "language": "zh-hant"}).context

    first, second = context["found"].standings
    assert first.reasons[0] == "title matches “防曬乳”"
    assert second.reasons[0] == "title matches “防曬”"
    assert second.reasons[1] == "without “曬乳”, “液”"


def test_a_query_without_a_result_offers_what_mends_it(in_scope: Merchant) -> None:
    sold(in_scope, "Balm")

    page = signed_in(in_scope, "editor").get(WHY, {"q": "tent & pole"})

    assert "Nothing is found." in text_of(page.content)
    assert b"/admin/products/synonym/add/?words=tent%20%26%20pole" in page.content
    reader = signed_in(in_scope, "analyst").get(WHY, {"q": "tent"})
    assert b"/admin/products/synonym/add/" not in reader.content


def test_the_page_of_reasons_stays_in_its_shop(in_scope: Merchant) -> None:
    sold(in_scope, "Serum a")
    other = make_merchant()
    with merchant_scope(other):
        make_product(other, title="Serum x", slug="x")
        reindex(merchant=other)
    client = signed_in(in_scope, "owner")

    assert [one.product.title for one in client.get(WHY, {"q": "serum"}).context["found"].standings] == ["Serum a"]
    assert client.get(WHY, {"q": "serum", "shop": other.slug}).status_code == 404
    assert client.get(UNMET, {"shop": other.slug}).status_code == 404
    assert client.get(UNMET_CSV, {"shop": other.slug}).status_code == 404


def test_what_is_not_found_is_grouped_counted_and_told_in_which_language(in_scope: Merchant) -> None:
    sold(in_scope, "Serum a")
    for text, language in (("防曬", "zh-hant"), ("防曬", "zh-hant"), ("防晒", "zh-hans"), ("Tent", "en")):
        searched(in_scope, text, language)
    searched(in_scope, "serum")

    lists = signed_in(in_scope, "analyst").get(UNMET).context["lists"]

    rows = [(each["demand"].query, each["demand"].empty, each["languages"]) for each in lists[0]["rows"]]
    assert rows == [("防曬", 3, ["Traditional Chinese", "Simplified Chinese"]), ("Tent", 1, ["English"])]
    assert [each["rows"] for each in lists[1:]] == [[], []]


def test_what_is_found_in_part_only_is_told_until_somebody_opens_it(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Rose serum")
    search_id = searched(in_scope, "rose tent")
    searched(in_scope, "blue serum")
    clicked(merchant=in_scope, search_id=search_id, product_id=ids[0], shopper_id=None)

    rows = signed_in(in_scope, "analyst").get(UNMET).context["lists"][1]["rows"]

    assert [(each["demand"].query, each["demand"].partly) for each in rows] == [("blue serum", 1)]


def test_what_is_found_by_now_says_so(in_scope: Merchant) -> None:
    searched(in_scope, "serum")
    sold(in_scope, "Serum a")
    searched(in_scope, "serum")

    page = signed_in(in_scope, "analyst").get(UNMET)

    assert [each["demand"].is_answered for each in page.context["lists"][0]["rows"]] == [True]
    assert "found by now" in text_of(page.content)


def test_what_is_hardly_ever_opened_is_told_without_the_doubles_searches(in_scope: Merchant) -> None:
    ids = sold(in_scope, "Serum a", "Balm a")
    for text, clicks in (("serum", 0), ("balm", 1)):
        search_ids = [searched(in_scope, text) for _ in range(10)]
        for search_id in search_ids[:clicks]:
            row = SearchLog.objects.get(pk=search_id)
            SearchClick.objects.create(
                merchant=in_scope, search_id=row.pk, product_id=ids[1], query_key=row.query_key, place=1,
                occurred_at=timezone.now(),
            )  # fmt: skip
    for _ in range(20):
        searched(in_scope, "milk", surface="agent")

    rows = signed_in(in_scope, "analyst").get(UNMET).context["lists"][2]["rows"]

    assert [(each["demand"].query, each["demand"].searches, each["demand"].clicks) for each in rows] == [
        ("serum", 10, 0)
    ]


def test_the_period_is_kept_to_and_other_shops_searches_are_not_told(in_scope: Merchant) -> None:
    searched(in_scope, "tent")
    SearchLog.objects.update(occurred_at=timezone.now() - timedelta(days=20))
    other = make_merchant()
    with merchant_scope(other):
        searched(other, "boots")
    client = signed_in(in_scope, "analyst")

    def queries(days: int) -> list[str]:
        return [each["demand"].query for each in client.get(UNMET, {"days": days}).context["lists"][0]["rows"]]

    assert (queries(7), queries(28), queries(5)) == ([], ["tent"], ["tent"])


def test_the_csv_holds_the_same_rows_and_no_formula(in_scope: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(in_scope, "analyst")
    for text in ("=cmd|calc", "tent", "tent"):
        searched(in_scope, text)
    SearchLog.objects.update(occurred_at=datetime(2026, 1, 1, 19, 30, tzinfo=UTC))
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 5, tzinfo=UTC))

    answer = client.get(UNMET_CSV)

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == ("Query,Problem,Searches,Without a result,Shoppers,Opened,Last searched (Asia/Taipei),Languages")
    assert lines[1] == "tent,Nothing was found,2,2,0,0,2026-01-02 03:30,en"
    assert lines[2].startswith("'=cmd|calc,Nothing was found,1,1,")
    assert "last 2 Jan 03:30" in text_of(client.get(UNMET).content)
    assert answer["Content-Disposition"] == 'attachment; filename="unmet-meis-shelf-28-days.csv"'


def test_a_day_without_searches_says_so_and_the_log_names_nobody(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "analyst")
    said = text_of(client.get(UNMET).content)
    assert "nobody searched yet" in said
    assert "searched often and opened hardly ever" in said

    searched(in_scope, "serum")
    row = SearchLog.objects.get()
    page = client.get(f"/admin/products/searchlog/{row.pk}/change/")
    assert page.status_code == 200
    assert "shopper_key" not in page.content.decode()
    assert client.get("/admin/products/searchlog/").status_code == 200
    assert signed_in(in_scope, "editor").get("/admin/products/searchlog/").status_code == 403


def test_synonyms_are_found_in_either_chinese_script(in_scope: Merchant) -> None:
    Synonym.objects.create(merchant=in_scope, words=["防曬", "sunscreen"])
    client = signed_in(in_scope, "editor")
    listed = SYNONYM.replace("add/", "")

    for said, is_found in (("防曬", True), ("防晒", True), ("SUNSCREEN", True), ("睡袋", False)):
        assert ("防曬 = sunscreen" in text_of(client.get(listed, {"q": said}).content)) is is_found
