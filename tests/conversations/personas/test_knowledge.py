"""What the double may answer from: found in both languages, quoted with its second, silent when nothing fits."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from conversations.personas.chunks import MOMENT_CHARS, Piece, split_text, split_transcript
from conversations.personas.knowledge import CreatorKnowledge
from conversations.personas.models import KnowledgeChunk, KnowledgeDocument
from conversations.personas.services import ingest_content, ingest_document
from tests.factories import make_content, make_creator, make_merchant, make_product

SHIPPING = {
    "en": "Orders leave within two days. Delivery in Taiwan takes 2-3 days and costs NT$80, free from NT$1,500.",
    "zh-hant": "訂單兩天內出貨。台灣宅配 2-3 天送達，運費 NT$80，滿 NT$1,500 免運。",
}
RETURNS = {
    "en": "Unopened products can be sent back within 14 days. Opened cosmetics cannot be taken back.",
    "zh-hant": "未拆封商品 14 天內可退貨。已拆封的保養品不接受退換。",
}
SPONSORED = {
    "en": "I say at the start when a video is paid for. This shelf is what I finish and buy again.",
    "zh-hant": "業配我會在影片開頭先講。這個架上的都是我用完會回購的。",
}


@pytest.fixture
def creator(in_scope: Merchant) -> Creator:
    """Mei with policies, an opinion and a video."""
    creator = make_creator(in_scope)
    for slug, kind, title, texts, owner in (
        ("shipping", "policy", "Shipping", SHIPPING, None),
        ("returns", "policy", "Returns", RETURNS, None),
        ("sponsored", "opinion", "Are your videos sponsored?", SPONSORED, creator),
    ):
        ingest_document(merchant=in_scope, slug=slug, kind=kind, titles={"en": title}, texts=texts, creator=owner)
    return creator


def knowledge(creator: Creator, language: str = "en") -> CreatorKnowledge:
    """Return what a reader of `language` may be told."""
    return CreatorKnowledge(merchant_id=creator.merchant_id, creator_id=creator.pk, language=language)


@pytest.mark.parametrize(
    ("language", "question", "title"),
    [
        ("en", "How much is shipping to Taiwan?", "Shipping"),
        ("en", "how long does delivery take", "Shipping"),
        ("en", "Can I get a refund if I opened it?", "Returns"),
        ("en", "Do you get paid by brands?", "Are your videos sponsored?"),
        ("zh-hant", "運費多少？", "Shipping"),
        ("zh-hant", "請問多久會到貨", "Shipping"),
        ("zh-hant", "拆封了還可以退嗎", "Returns"),
        ("zh-hans", "可以退货吗", "Returns"),
        ("zh-hans", "这是业配吗？", "Are your videos sponsored?"),
    ],
)
def test_a_question_finds_its_passage(language: str, question: str, title: str, creator: Creator) -> None:
    (first, *_rest) = knowledge(creator, language).passages(question)

    assert first.title == title
    assert first.text in {"en": (SHIPPING["en"], RETURNS["en"], SPONSORED["en"])}.get(language, (first.text,))


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What is the weather in Paris?"),
        ("en", "Who won the election?"),
        ("en", "Tell me a joke"),
        ("en", "Should I buy bitcoin?"),
        ("en", "hello!"),
        ("en", "???"),
        ("zh-hant", "今天天氣怎麼樣"),
        ("zh-hant", "幫我寫一首詩"),
        ("zh-hant", "你喜歡吃什麼"),
        ("zh-hant", "你好"),
    ],
)
def test_an_unrelated_question_finds_nothing(language: str, question: str, creator: Creator) -> None:
    assert knowledge(creator, language).passages(question) == []


def test_the_passage_is_in_the_readers_language_whatever_the_question_was(creator: Creator) -> None:
    english = knowledge(creator).passages("運費多少？")
    traditional = knowledge(creator, "zh-hant").passages("shipping cost?")
    simplified = knowledge(creator, "zh-hans").passages("shipping cost?")

    assert english[0].text == SHIPPING["en"]
    assert traditional[0].text == SHIPPING["zh-hant"]
    assert simplified[0].text == "订单两天内出货。台湾宅配 2-3 天送达，运费 NT$80，满 NT$1,500 免运。"
    assert [len(found) for found in (english, traditional, simplified)] == [1, 1, 1]


def test_kinds_narrow_what_is_read(creator: Creator) -> None:
    assert knowledge(creator).passages("sponsored videos", kinds=("policy",)) == []
    (found,) = knowledge(creator).passages("sponsored videos", kinds=("opinion",))
    assert found.kind == "opinion"


def test_another_creators_and_another_shops_texts_are_not_told(creator: Creator) -> None:
    kai = make_creator(creator.merchant, slug="kai")
    other = make_merchant()
    with merchant_scope(other):
        stranger = make_creator(other)
        ingest_document(
            merchant=other, slug="shipping", kind="policy", titles={"en": "Shipping"}, texts={"en": "By sledge dog."}
        )
        assert [each.text for each in knowledge(stranger).passages("shipping")] == ["By sledge dog."]

    assert knowledge(kai).passages("sponsored videos") == []
    assert [each.title for each in knowledge(kai).passages("shipping")] == ["Shipping"]
    assert [each.text for each in knowledge(creator).passages("shipping")] == [SHIPPING["en"]]


def test_a_changed_text_is_told_at_once_and_the_same_text_changes_nothing(
    creator: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = KnowledgeDocument.objects.get(slug="shipping")
    chunk_ids = set(KnowledgeChunk.objects.values_list("id", flat=True))
    titles = {"en": "Shipping"}

    ingest_document(merchant=creator.merchant, slug="shipping", kind="policy", titles=titles, texts=SHIPPING)
    assert KnowledgeDocument.objects.get(slug="shipping").updated_at == before.updated_at
    assert set(KnowledgeChunk.objects.values_list("id", flat=True)) == chunk_ids

    assert knowledge(creator).passages("shipping")[0].text == SHIPPING["en"]
    with django_assert_num_queries(1):
        knowledge(creator).passages("shipping")

    texts = {"en": "Delivery by courier only."}
    ingest_document(merchant=creator.merchant, slug="shipping", kind="policy", titles=titles, texts=texts)
    assert [each.text for each in knowledge(creator).passages("shipping")] == ["Delivery by courier only."]
    assert KnowledgeDocument.objects.filter(slug="shipping").count() == 1


def test_a_video_becomes_moments_with_seconds_in_every_language(creator: Creator) -> None:
    item = make_content(
        creator,
        lines=[
            (0, 40, {"en": "Welcome back, tonight four steps.", "zh-hant": "歡迎回來，今晚四個步驟。"}),
            (97, 106, {"en": "Two drops of retinal, that is all.", "zh-hant": "A 醛兩滴就夠了。"}),
        ],
    )

    document = ingest_content(content_id=item.pk)

    assert document is not None
    assert list(document.chunks.values_list("language", "text", "start_s", "end_s")) == [
        ("en", "Welcome back, tonight four steps.", 0, 40),
        ("en", "Two drops of retinal, that is all.", 97, 106),
        ("zh-hant", "歡迎回來，今晚四個步驟。", 0, 40),
        ("zh-hant", "A 醛兩滴就夠了。", 97, 106),
    ]
    (moment,) = knowledge(creator, "zh-hant").content_moments("retinal 要幾滴")
    assert (moment.quote, moment.start_s, moment.end_s) == ("A 醛兩滴就夠了。", 97, 106)
    assert (moment.title, moment.url) == ("晚間四步驟", "/s/meis-shelf/v/four-step-night/?t=97")


def test_content_taken_off_is_forgotten(creator: Creator) -> None:
    item = make_content(creator, lines=[(0, 9, {"en": "Retinal tonight."})])
    ingest_content(content_id=item.pk)
    item.is_published = False
    item.save()

    assert knowledge(creator).content_moments("retinal") == []
    assert ingest_content(content_id=item.pk) is None
    assert knowledge(creator).passages("retinal") == []


def test_moments_that_show_the_product_come_first_one_a_piece_of_content(creator: Creator) -> None:
    serum = make_product(creator.merchant)
    shown = make_content(
        creator,
        slug="shown",
        lines=[(10, 20, {"en": "This serum is light."}), (300, 310, {"en": "Redness again."})],
        shows=[(serum, 12, 18)],
    )
    spoken = make_content(creator, slug="spoken", kind="post", bodies={"en": "My redness story and what helped."})
    for item in (shown, spoken):
        ingest_content(content_id=item.pk)

    by_product = knowledge(creator).content_moments("", product_ids=[serum.pk])
    both = knowledge(creator).content_moments("redness", product_ids=[serum.pk], limit=4)

    assert [(card.slug, card.start_s, card.quote) for card in by_product] == [("shown", 12, "This serum is light.")]
    assert [(card.slug, card.start_s, card.content_kind) for card in both] == [
        ("shown", 12, "video"),
        ("spoken", None, "post"),
    ]
    assert knowledge(creator).content_moments("", product_ids=[999_999]) == []


def test_long_texts_are_cut_at_sentences_and_paragraphs() -> None:
    sentence = "This sentence has just about fifty letters in it. "

    pieces = split_text(f"First.\n\n{sentence * 20}")

    assert pieces[0] == Piece(text="First.")
    assert all(len(piece.text) <= 400 for piece in pieces)
    assert all(piece.text.endswith(".") for piece in pieces)
    assert " ".join(piece.text for piece in pieces[1:]) == (sentence * 20).strip()


def test_chinese_sentences_are_joined_without_spaces_and_never_lost() -> None:
    text = "先清潔。再保濕！" * 100

    pieces = split_text(text)

    assert all(len(piece.text) <= 400 for piece in pieces)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in split_text("x" * 900)] == ["x" * 400, "x" * 400, "x" * 100]


def test_transcript_lines_are_joined_while_they_are_one_moment() -> None:
    lines = [(0, 5, "One."), (5, 9, "Two."), (9, 12, ""), (60, 64, "Three."), (64, 70, "y" * MOMENT_CHARS)]

    assert split_transcript(lines) == [
        Piece(text="One. Two.", start_s=0, end_s=9),
        Piece(text="Three.", start_s=60, end_s=64),
        Piece(text="y" * MOMENT_CHARS, start_s=64, end_s=70),
    ]


def _policy(creator: Creator, slug: str, title: str, *paragraphs: str) -> None:
    ingest_document(
        merchant=creator.merchant, slug=slug, kind="policy", titles={"en": title}, texts={"en": "\n\n".join(paragraphs)}
    )


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("can I return it?", "You have 7 days"),
        ("can I return opened products?", "If you opened something"),
        ("do you ship to the US? how much", "International parcels"),
        ("do you deliver to France", "International parcels"),
        ("can you ship overseas", "International parcels"),
        ("how long does delivery take", "Home delivery"),
    ],
)
def test_a_policy_is_answered_by_the_passage_about_it_the_rule_before_its_exceptions(
    in_scope: Merchant, question: str, begins: str
) -> None:
    creator = make_creator(in_scope)
    _policy(
        creator,
        "shipping",
        "Shipping",
        "Orders paid before 14:00 are packed the same day." + " We pack in paper." * 30,
        "Home delivery takes 2 days. It costs NT$80." + " It comes to the door." * 30,
        "International parcels go to Japan and the United States in 9 days." + " Duty is yours." * 30,
    )
    _policy(
        creator,
        "returns",
        "Returns and exchanges",
        "You have 7 days to send back anything unopened." + " Write first." * 40,
        "If you opened something and it does not suit you, each product is refunded once." + " Tell us." * 40,
        "Refunds go to your card. Lip products and opened sets are exchanged when faulty." + " It takes days." * 40,
    )

    found = knowledge(creator).passages(question, kinds=("policy",), limit=1)

    assert found[0].text.startswith(begins)


def test_an_opinion_titled_with_the_question_comes_before_one_that_mentions_it(in_scope: Merchant) -> None:
    creator = make_creator(in_scope)
    for slug, title, text in (
        ("gua-sha", "小梅會刮痧嗎？", "偶爾。我不會在防曬之前買它，防曬先。"),
        ("sun", "小梅每天擦哪一支防曬？", "紙感，兩指節長，從前年用到現在。"),
    ):
        titles, texts = {"zh-hant": title}, {"zh-hant": text}
        ingest_document(merchant=in_scope, creator=creator, slug=slug, kind="opinion", titles=titles, texts=texts)

    found = knowledge(creator, "zh-hant").passages("小梅對防曬的看法", kinds=("opinion",))

    assert found[0].title == "小梅每天擦哪一支防曬？"
