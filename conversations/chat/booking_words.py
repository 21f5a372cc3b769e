"""What the double says of appointments: English and Traditional Chinese; Simplified is made from the latter."""

from __future__ import annotations

from collections.abc import Mapping

BOOKING_WORDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "booking_times": (
        ("These times are free for {product}. Choose one, or tell me which.",),
        ("{product}有這些時間可以預約，點一個，或直接跟我說。",),
    ),
    "booking_other_times": (
        ("That time is not free for {product}. These are:",),
        ("{product}那個時間沒有空，這些時間可以：",),
    ),
    "booking_full": (
        ("{product} has no free times at the moment.",),
        ("{product}目前沒有可以預約的時間。",),
    ),
    "booking_which": (
        ("Which one would you like to book? {names}",),
        ("想預約哪一個？{names}",),
    ),
    "booking_no_service": (
        ("Nothing here is booked by appointment. I can help with the products, your cart and your orders.",),
        ("這裡沒有需要預約的服務。商品、購物車和訂單都可以問我。",),
    ),
    "booking_in_cart": (
        ("{when}: it is in your cart, {total} in all. The time is yours once it is paid.",),
        ("{when}：已經放進購物車，總共 {total}。付款後時間就是你的。",),
    ),
    "booking_confirm": (
        ("Please check the card. Nothing changes before you confirm.",),
        ("請看一下卡片，你確認之前什麼都不會變。",),
    ),
    "booking_listed": (("These are your appointments to come.",), ("這些是你接下來的預約。",)),
    "booking_none": (("You have no appointments to come here.",), ("你在這裡沒有接下來的預約。",)),
    "booking_which_order": (
        ("You have several appointments. Tell me the number of the order.",),
        ("你有好幾個預約，跟我說訂單編號。",),
    ),
}
