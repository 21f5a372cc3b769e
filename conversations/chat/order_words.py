"""What the double says at the order desk: English and Traditional Chinese; Simplified is made from the latter."""
# ruff: noqa: E501 (sentences read better whole)

from __future__ import annotations

from collections.abc import Mapping

ORDER_WORDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "orders_listed": (("These are your orders, the newest first.",), ("這些是你的訂單，由新到舊。",)),
    "orders_none": (("You have no orders here yet.",), ("你在這裡還沒有訂單。",)),
    "order_which_order_cancel": (("Which order shall be cancelled?",), ("要取消哪一筆訂單？",)),
    "order_which_order_address": (("Which order shall go elsewhere?",), ("哪一筆訂單要改地址？",)),
    "order_which_order_payment": (("Which order shall be paid differently?",), ("哪一筆訂單要改付款方式？",)),
    "order_which_order_items": (("Which order shall change?",), ("要改哪一筆訂單？",)),
    "order_which_order_return": (("Which order is it about?",), ("要退哪一筆訂單的商品？",)),
    "order_which_order_exchange": (("Which order is it about?",), ("要換哪一筆訂單的商品？",)),
    "order_no_such_order_cancel": (
        ("None of your orders can still be cancelled: that ends when it is sent.",),
        ("你的訂單都不能取消了，寄出後就無法取消。",),
    ),
    "order_no_such_order_address": (
        ("None of your orders can still go elsewhere: that ends when it is sent.",),
        ("你的訂單都不能改地址了，寄出後就無法更改。",),
    ),
    "order_no_such_order_payment": (
        ("The payment of none of your orders can still be changed: that ends when it is sent.",),
        ("你的訂單都不能改付款方式了，寄出後就無法更改。",),
    ),
    "order_no_such_order_return": (
        (
            "None of your orders has arrived yet, so there is nothing to return. One that was not sent can be cancelled.",
        ),
        ("你還沒有已送達的訂單，所以無法退貨。還沒寄出的訂單可以取消。",),
    ),
    "order_no_such_order_items": (
        (
            "None of your orders can be changed now: before it is sent it can change, after it has arrived it can be exchanged.",
        ),
        ("你的訂單現在都不能更改：寄出前可以改，送達後可以換。",),
    ),
    "order_reason": (
        ("Why shall order {order} be cancelled? You no longer need it, or it was ordered by mistake?",),
        ("為什麼要取消訂單 {order}？是不需要了，還是訂錯了？",),
    ),
    "order_address_form": (
        ("Where shall order {order} go? Fill in the card; you confirm it afterwards.",),
        ("訂單 {order} 要改寄到哪裡？請填卡片，之後再確認。",),
    ),
    "order_items_form": (
        ("Which ones? Tick them on the card; you confirm it afterwards.",),
        ("是哪幾件？請在卡片上勾選，之後再確認。",),
    ),
    "order_method": (("What shall pay order {order} instead?",), ("訂單 {order} 要改用什麼付款？",)),
    "order_no_method": (
        ("You have saved no other way to pay, so order {order} stays paid as it is.",),
        ("你沒有存其他付款方式，訂單 {order} 維持原來的付款。",),
    ),
    "order_confirm": (
        ("Please check the card. Nothing is changed before you confirm.",),
        ("請看一下卡片，你確認之前什麼都不會變。",),
    ),
    "order_confirm_unclear": (
        ("To be sure: shall order {order} be cancelled? Answer “yes”, or “keep the order”, or use the card.",),
        ("跟你確認一下：要取消訂單 {order} 嗎？請回「是」或「保留訂單」，或按卡片上的按鈕。",),
    ),
    "order_sign_in": (
        (
            "Your orders are shown only to you. Sign in with the e-mail address you ordered with: the card sends you a code.",
        ),
        ("訂單只給本人看。請用下單時的電子郵件登入，卡片會寄驗證碼給你。",),
    ),
    "order_private": (
        (
            "Orders are between you and the shop, so not here in front of everybody. Open the chat with me and ask there.",
        ),
        ("訂單是你和商店之間的事，不在這裡公開說。打開和我的私訊，在那裡問我。",),
    ),
    "order_not_here": (
        ("This product comes in nothing else, so it cannot be changed.",),
        ("這個商品沒有其他款式，所以不能換。",),
    ),
}
ORDER_CHIPS: Mapping[str, tuple[str, str]] = {
    "no_longer_needed": ("I no longer need it", "不需要了"),
    "by_mistake": ("I ordered it by mistake", "訂錯了"),
}
