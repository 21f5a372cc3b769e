"""What the double says where a persona has no sentence of its own: plain, short, English and Traditional Chinese."""
# ruff: noqa: E501 (sentences and patterns read better whole)

from __future__ import annotations

from collections.abc import Mapping

from conversations.chat.booking_words import BOOKING_WORDS
from conversations.chat.order_words import ORDER_CHIPS, ORDER_WORDS

# key -> (English variants, Traditional Chinese variants). The keys are intents, or an intent and how it came out.
WORDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "greet": (
        ("Hi, I'm {creator}'s AI double. What are you looking for?",),
        ("嗨，我是{creator}的 AI 分身，想找什麼？",),
    ),
    "thanks": (("You're welcome. I'm here if anything else comes up.",), ("不客氣，還有想問的再跟我說。",)),
    "bye": (("Bye for now. Your cart is kept.",), ("掰掰，購物車會幫你留著。",)),
    "is_bot": (
        (
            "Yes, I'm an AI. I learned from {creator}'s posts and I can be wrong. A person of the shop can take over any time.",
        ),
        ("對，我是 AI，學了{creator}的貼文，可能會出錯。想找真人也可以隨時跟我說。",),
    ),
    "injection": (
        ("I can't do that. I can help you choose, or with your cart and orders.",),
        ("這個我做不到。我可以幫你挑商品，或處理購物車和訂單。",),
    ),
    "health": (
        (
            "That is a question for a doctor, so I won't answer it as an AI. Shall I ask a person of the shop to take over?",
        ),
        ("這屬於健康問題，該問醫師，我是 AI 就不回答了。要幫你找真人嗎？",),
    ),
    "for_creator": (
        ("That is one for {creator} to answer, not for an AI. Shall I ask a person to take over?",),
        ("這題要{creator}本人回答，我是 AI 就不代答了。要幫你找真人嗎？",),
    ),
    "small_talk": (
        ("I'm {creator}'s AI double, so there isn't much to tell about me. Ask me about anything on this shelf.",),
        ("我是{creator}的 AI 分身，沒什麼私事可以聊。架上的東西都可以問我。",),
    ),
    "out_of_scope": (
        ("That's outside of what I know. I can help with the products here, your cart and your orders.",),
        ("這個不在我懂的範圍。商品、購物車和訂單都可以問我。",),
    ),
    "clarify": (
        ("I'm not sure what you mean. Tell me what you're looking for, or what it should do.",),
        ("我不太確定你的意思。跟我說想找什麼，或想改善什麼。",),
    ),
    "not_understood_again": (
        ("I still don't follow, sorry. Would you like a person to help?",),
        ("我還是沒聽懂，抱歉。要不要找真人幫忙？",),
    ),
    "recommend": (
        (
            "I'd start with {product}: {reason}. It is {price}.",
            "For {need}, I'd look at {product} first. {price}, {reason}.",
        ),
        ("我會先看{product}：{reason}，{price}。", "{need}的話，先看{product}。{price}，{reason}。"),
    ),
    "recommend_plain": (("I'd start with {product}. It is {price}.",), ("我會先看{product}，{price}。",)),
    "recommend_unpriced": (("I'd look at {product}.",), ("可以看看{product}。",)),
    "withheld": (
        ("I left out {count} more: the shop's data don't say enough about them. Go by the label.",),
        ("另外 {count} 樣資料寫得不夠清楚，我沒有列，請以包裝標示為準。",),
    ),
    "recommend_moment": (
        ("{creator} talks about it at {second_text} in “{content_title}”.",),
        ("{creator}在《{content_title}》{second_text} 有講到。",),
    ),
    "recommend_second": (("Then there is {second_product}.",), ("另外還有{second_product}。",)),
    "recommend_none": (
        ("Nothing on the shelf fits all of that. Which part may give way?",),
        ("架上沒有完全符合的。哪一個條件可以放寬？",),
    ),
    "refine": (("Then {product}: {price}, {reason}.",), ("那就{product}：{price}，{reason}。",)),
    "refine_cheaper": (("Cheaper: {product}, {price}.",), ("便宜一點的：{product}，{price}。",)),
    "refine_wider": (
        ("Nothing of that kind is cheaper. Of another kind, there is {product}, {price}.",),
        ("同一類沒有更便宜的了。換一類的話，有{product}，{price}。",),
    ),
    "refine_none": (
        ("Nothing that fits is cheaper. {product} at {price} is the lowest.",),
        ("符合的裡面沒有更便宜的了，{product}是 {price}。",),
    ),
    "routine": (
        ("These {count} go together, {total} in all. Start with {product}.",),
        ("這 {count} 樣可以一起用，合計 {total}，先從{product}開始。",),
    ),
    "routine_over_budget": (
        ("The smallest set I would put together is {total}, more than you said.",),
        ("合得起來的一套至少 {total}，比你說的多。",),
    ),
    "price": (("{product} is {price}.",), ("{product}是 {price}。",)),
    "price_range": (("{product} starts at {price}.",), ("{product} {price} 起。",)),
    "not_for_sale": (("{product} has no price here, so it can't be ordered.",), ("{product}這裡沒有標價，不能下單。",)),
    "external": (
        ("{product} is sold at another shop. The card leads there.",),
        ("{product}在別家店賣，卡片會帶你過去。",),
    ),
    "stock": (("{product}: {status}, {price}.",), ("{product}{status}，{price}。",)),
    "sold_out": (("{product} is sold out right now.",), ("{product}目前賣完了。",)),
    "details": (("{product}: {fact}",), ("{product}：{fact}",)),
    "compare": (
        ("{product} is {price}, {second_product} is {second_price}. The table shows the rest.",),
        ("{product} {price}，{second_product} {second_price}，其他差別看下面的表。",),
    ),
    "compare_what": (("Which two shall I compare?",), ("要比較哪兩樣？",)),
    "compatible_clash": (
        (
            "Not in the same step: the shop's data keep {product} apart from {other}. Use them at different times of day.",
        ),
        ("不要放在同一個步驟：店裡的資料寫著{product}不和{other}一起用，請錯開時段。",),
    ),
    "compatible_nothing": (
        ("Nothing in the shop's data speaks against {product} with {other}. That is all the data say.",),
        ("店裡的資料沒有寫{product}和{other}不能一起用，資料能說的就到這裡。",),
    ),
    "compatible_said": (("{creator} said: “{quote}”",), ("{creator}說過：「{quote}」",)),
    "compatible_unknown": (
        ("The shop's data say nothing about {product}, so I won't guess whether they go together.",),
        ("店裡沒有{product}的資料，能不能一起用我不亂猜。",),
    ),
    "compatible_what": (("Which two would you use together?",), ("想把哪兩樣一起用？",)),
    "content": (
        (
            "{creator} covers it in “{content_title}” at {second_text}: “{quote}”",
            "It's in “{content_title}”, at {second_text}.",
        ),
        ("{creator}在《{content_title}》{second_text} 有講：「{quote}」", "在《{content_title}》{second_text}。"),
    ),
    "content_post": (("{creator} wrote about it in “{content_title}”.",), ("{creator}在《{content_title}》寫過。",)),
    "content_none": (("{creator} hasn't published anything about that yet.",), ("{creator}還沒發過這個主題。",)),
    "opinion": (("What {creator} said about it: “{quote}”",), ("{creator}說過：「{quote}」",)),
    "policy": (("{policy}",), ("{policy}",)),
    "no_answer": (
        ("I don't know that, so I won't guess. A person of the shop can tell you.",),
        ("這個我不知道，就不亂猜了。店裡的人可以回答你。",),
    ),
    "discount": (
        ("I don't know of any offer, and I can't change prices. What the cards show is what it costs.",),
        ("我沒有聽說優惠，也不能改價格，卡片上的就是現在的價格。",),
    ),
    "cart_added": (
        ("Added. The cart now holds {count}, {total}.",),
        ("加好了，購物車現在有 {count} 件，共 {total}。",),
    ),
    "choose_variant": (("{product} comes in several. Which one?",), ("{product}有好幾種，要哪一種？",)),
    "cart_show": (("Your cart holds {count}, {total}.",), ("購物車裡有 {count} 件，共 {total}。",)),
    "cart_empty": (("Your cart is empty.",), ("購物車是空的。",)),
    "cart_remove": (
        ("Done. The cart now holds {count}, {total}.",),
        ("拿掉了，購物車現在有 {count} 件，共 {total}。",),
    ),
    "cart_which": (("Which one shall I take out?",), ("要拿掉哪一樣？",)),
    "checkout_ready": (
        ("Please check the card. {total} in all; you pay on the next page.",),
        ("請看一下卡片，共 {total}，下一頁才付款。",),
    ),
    "checkout_address": (("Where should it go? Fill in the card.",), ("要寄到哪裡？請填卡片。",)),
    "order_status": (("Order #{order}: {status}.",), ("訂單 #{order}：{status}。",)),
    "order_none": (
        ("I can't find that order. Check the number in your confirmation, or ask for a person.",),
        ("找不到這筆訂單。請看一下確認信上的編號，或找真人。",),
    ),
    "handoff": (
        ("I've asked a person of the shop. You can keep writing here.",),
        ("已經幫你找真人了，你可以繼續在這裡留言。",),
    ),
    "no_such_place": (
        ("I showed {shown} just now. Which one do you mean?",),
        ("剛剛只列了 {shown} 樣，你指的是哪一樣？",),
    ),
    "details_unknown": (
        ("The shop doesn't say that about {product}, so I won't guess.",),
        ("{product}的資料沒有寫到這點，我就不猜了。",),
    ),
    "which_product": (("Which product do you mean?",), ("你指的是哪一樣？",)),
    "affirm_nothing": (("What shall I do next?",), ("接下來要我做什麼？",)),
    "deny": (("Alright.",), ("好。",)),
    "clarify_skin": (("Is your skin more oily, dry or sensitive?",), ("你的膚質偏油、偏乾，還是敏感？",)),
    "clarify_choice": (("Which of these matters most to you: {answers}?",), ("哪一項對你最要緊：{answers}？",)),
    "clarify_budget": (("How much would you like to spend?",), ("預算大概多少？",)),
    "not_here": (("That works in a direct message to me.",), ("這個要私訊我才能做。",)),
    "search_down": (
        ("Product search is down since {since}. Cart, checkout and orders work.",),
        ("{since} 起無法搜尋商品。購物車、結帳和訂單查詢都正常。",),
    ),
    "tool_failed": (
        (
            "Something on our side failed, so I can't tell you that now. Your message is kept; please try again in a moment.",
        ),
        ("我們這邊出了點問題，現在查不到。你的訊息有留著，請過一會兒再試。",),
    ),
    "failed": (
        ("I couldn't finish an answer. Your message is kept; send it again or ask for a person.",),
        ("這次沒能答完。你的訊息有留著，可以再傳一次，或找真人。",),
    ),
    "cut": (
        ("My connection broke off there. Ask me to go on, and I'll look it up again.",),
        ("剛剛連線斷了，話沒說完。跟我說「繼續」，我再查一次。",),
    ),
    "content_filter": (
        ("The service that words my answers stopped there. Ask me in another way, or ask for a person.",),
        ("替我組織文字的服務在這裡停住了。換個方式問我，或找真人。",),
    ),
    "held_price": (
        ("I can't confirm that price, so I won't quote it. The cards show what is true now.",),
        ("這個價格我無法確認，就不報了，以卡片上的為準。",),
    ),
    "held_link": (("I can't confirm that link, so I won't give it.",), ("這個連結我無法確認，就不給了。",)),
    "held_stock": (("I can't confirm that stock, so I won't name a number.",), ("這個庫存我無法確認，就不說數字了。",)),
    "held_claim": (
        ("I was about to promise more than I may, so I won't. The cards show the facts.",),
        ("這句話我不能保證，就不說了，以卡片上的資料為準。",),
    ),
    "held_promise": (
        ("I can't send you messages later. You can ask me here any time.",),
        ("我沒辦法之後再通知你，有需要隨時在這裡問我。",),
    ),
    "held_other": (("I couldn't check my answer, so I won't give it.",), ("這個回答我無法查證，就不說了。",)),
    "confirmed": (("{status}",), ("{status}",)),
    **BOOKING_WORDS,
    **ORDER_WORDS,
}
# How much is there, as part of a sentence.
STOCK: Mapping[str, tuple[str, str]] = {
    "in_stock": ("in stock", "有現貨"),
    "few_left": ("only {left} left", "只剩 {left} 件"),
}
# Follow-ups: key -> (English, Traditional Chinese).
CHIPS: Mapping[str, tuple[str, str]] = {
    "cheaper": ("Something cheaper", "便宜一點的"),
    "compare": ("Compare the first two", "前兩個比較一下"),
    "routine": ("Build a routine", "幫我排整套"),
    "details": ("Tell me about the first one", "介紹第一個"),
    "add_first": ("Add the first one to my cart", "第一個加入購物車"),
    "add_it": ("Add it to my cart", "把這個加入購物車"),
    "others": ("Show me others", "還有別的嗎"),
    "cart": ("Show my cart", "看我的購物車"),
    "checkout": ("Check out", "我要結帳"),
    "shipping": ("How long does delivery take?", "多久會到貨？"),
    "returns": ("Can I return it?", "可以退貨嗎？"),
    "person": ("Talk to a person", "找真人"),
    "orders": ("Where is my order?", "我的訂單到哪了？"),
    "again": ("Try again", "再試一次"),
    "suggest": ("What do you recommend?", "有什麼推薦？"),
    "oily": ("My skin is oily", "我是油肌"),
    "dry": ("My skin is dry", "我是乾肌"),
    "sensitive": ("My skin is sensitive", "我是敏感肌"),
    **ORDER_CHIPS,
}
