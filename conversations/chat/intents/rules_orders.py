"""Patterns of what a shopper wants done with a placed order, on folded text; Chinese in Simplified script."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What asks about the rule and not for the act: "can I return…", 可以退货吗.
_NO_QUESTION_EN = r"^(?!.*\b(?:how (?:long|many|much)|polic(?:y|ies)|window|what if|do you|does it|is it|are (?:they|these)|opened|free returns?|acne)\b)"
_NO_QUESTION_ZH = r"^(?!.*(?:怎么|如何|可以.{0,8}(?:吗|嘛|么)|能.{0,8}(?:吗|嘛|么)|可不可以|能不能|能否|期限|运费|几天|多久|政策|规定|规则|要收))"
_NO_CART = r"^(?!.*(?:\b(?:cart|basket|bag)\b|购物))"
_ORDER_ZH = r"(?:订单|单子|上一?单|那单|这单|那笔|这笔|上一?笔|上次买|#\s?[a-z]{0,4}\d{3,})"

DESK_RULES: Mapping[str, tuple[str, ...]] = {
    "order_cancel": (
        _NO_CART + r".*\bcancel\w*\b.{0,50}\b(?:orders?|purchase)\b(?! status)",
        _NO_CART
        + r".*\b(?:order(?:ed)?|purchased?|bought)\b.{0,70}\b(?:cancel|undo|call(?:ed)? off|by (?:mistake|accident)|accidentally)\b",
        r"\b(?:accidentally|by (?:mistake|accident)) (?:ordered|bought|placed)|undo (?:my|the|that) (?:order|purchase)|(?:don't|do not|no longer) (?:want|need) (?:my|the|that) (?:last |latest |recent )?order\b",
        _NO_CART + rf".*(?:取消|撤销|撤回|退订(?!单)).{{0,10}}(?:{_ORDER_ZH}|下单|下的单)",
        _NO_CART
        + rf".*(?:{_ORDER_ZH}|下单|下的单|刚买|刚刚买|买错|按错|订错|点错).{{0,20}}(?:取消(?!.{{0,4}}购物)|撤销|撤回|不要了)",
    ),
    "order_address": (
        r"\b(?:change|update|edit|correct|fix|wrong|different|new|another|other|modify|switch|replace|mistake in)\b.{0,36}\baddress\b|\baddress\b.{0,36}\b(?:wrong|incorrect|changed?|mistake|typo|outdated|old|updated?)\b",
        r"\b(?:send|ship|deliver|redirect|re-?route|forward|parcel|package|order)\b.{0,40}\b(?:somewhere else|elsewhere|another place|a different place|to my (?:office|work|new (?:place|home|flat|house)))\b",
        r"\bi(?:'ve| have| just)* moved\b(?=.*\b(?:order|parcel|package|address|deliver\w*|ship\w*)\b)",
        r"(?:改|换|更改|变更|修改|更新|写错|填错|打错|错).{0,8}(?:收货|收件|寄送|配送|送货)?的?地址|地址.{0,10}(?:错|改|换|更新|变更|修改)|改(?:寄|送)|搬家.{0,14}(?:寄|送|地址|包裹|订单)|(?:订单|包裹|那笔|上一?单).{0,12}(?:寄|送)到(?:别|其他|另|新)",
    ),
    "order_payment": (
        r"\b(?:change|switch|update|edit|modify)\b.{0,30}\b(?:payment|how (?:i|it|my order|that order|the order)(?:'s| is|'m| am)? (?:pay|paid|paying))\b",
        r"\b(?:switch|move|charge|change|put)\b.{0,40}\b(?:order|it)\b.{0,24}\b(?:to|on) (?:my |a |an |the )?(?:\w+ )?(?:gift card|paypal|card|visa|mastercard)\b",
        r"\b(?:pay|paying)\b.{0,30}\border\b.{0,16}\b(?:with|by|using)\b|\buse (?:my|another|the other|a different|a) (?:\w+ )?(?:gift card|card|paypal)\b.{0,20}\border\b",
        rf"(?:改|换|变更|更改|修改).{{0,8}}(?:付款|支付|付费|刷卡)(?!后)|(?:付款|支付)(?:方式|方法)?.{{0,8}}(?:改|换|变更|更改|修改)|{_ORDER_ZH}.{{0,14}}(?:改用|换成|改成|用).{{0,8}}(?:礼物卡|礼品卡|信用卡|paypal|另一张|别的卡|卡付|卡支付)|换.{{0,6}}方式.{{0,2}}付|用(?:另一张|别的|其他)卡付?",
    ),
    "order_exchange": (
        _NO_QUESTION_EN
        + r".*\b(?:want|like|need|wish|please|help me|could you|can you|let me|going)\b.{0,16}\bexchange\b",
        _NO_QUESTION_EN
        + r"(?:.*\bexchange\b.{0,50}\b(?:orders?\b|#\d)|.*\border\b.{0,50}\bexchange\b|(?:please )?exchange (?:my|the|one|an item)\b)",
        r"\b(?:arrived|received|delivered|came|got)\b.{0,80}\b(?:exchange|swap|replace) (?!(?:one|any) of these)(?:it|my|the|this|that|them)\b",
        _NO_QUESTION_ZH + r".*(?:申请|我要|我想|想要|想|帮我|要).{0,6}换货|换货.{0,10}订单|订单.{0,14}换货",
        r"(?:收到|买的|到货|寄来|上一?单|上一?笔|订单).{0,22}(?:换成|换(?:一|小|大|个|别|另)|想换(?!.{0,4}(?:地址|付款|方式)))|(?:太小|太大|不合身|尺寸不对|尺码不对|大小不对).{0,8}(?:想|要|帮我)?换(?!.{0,3}(?:吗|嘛|么))",
    ),
    "order_items": (
        r"\b(?:change|modify|edit|amend) (?:my|the|an|this|that) (?:last |latest |recent )?order\b",
        r"\b(?:change|switch|swap|make|replace)\b.{0,70}\b(?:in|of|on|for|from) (?:my |the |that |this )?(?:last |latest |recent )?order\b",
        r"\b(?:ordered|order|bought)\b.{0,50}\bwrong (?:size|colou?r|shade|one|variant|version)\b|\bwrong (?:size|colou?r|shade|variant)\b.{0,50}\b(?:make it|change|switch|instead)\b",
        rf"(?:{_ORDER_ZH}|我订的|我下的|还没(?:出货|发货|寄)).{{0,26}}(?:改成|改为|换成|改买|换为|改(?:一下)?(?:颜色|尺寸|尺码|容量|商品|内容|款式))|(?:改|换|变更|修改).{{0,6}}(?:订单|上一?单|那笔).{{0,3}}(?:的)?(?:商品|内容|颜色|尺寸|尺码|款式)|(?:订单|上一?单|那笔).{{0,6}}(?:商品|内容|颜色|尺寸|尺码|款式).{{0,6}}(?:改|换)|(?:尺码|尺寸|颜色|容量|款式)(?:选|订|买|下)错",
    ),
    "order_return": (
        _NO_QUESTION_EN
        + r".*\b(?:want|need|like|wish|going|help me|start|begin|make|request|arrange|please|let me)\b.{0,16}\b(?:return|send back|give back)\b",
        r"\b(?:return|send back|give back)\b.{0,60}\b(?:order\b|#\d)|^(?:please )?return (?:the|my|everything|all|both|one|it)\b",
        _NO_QUESTION_EN + r".*\b(?:want|like|need|wish) to (?:give|send|bring)\b.{0,50}\bback\b",
        _NO_QUESTION_ZH
        + r".*(?:申请|办理|我要|我想|想要|想把|想|帮我|要把|要).{0,14}(?:退货|退(?:掉|了|还|回)|退.{0,12}(?:订单|里的|精华|霜|乳|外套|鞋|件|瓶|个))",
        _NO_QUESTION_ZH + rf".*{_ORDER_ZH}.{{0,18}}(?:退(?!款政策|货政策|订))|^退(?:掉)?(?:订单|上一?单|那笔|#)",
    ),
    "order_list": (
        r"\b(?:show|list|see|view|what are|display)\b.{0,14}\bmy (?:\w+ )?orders\b|^(?:all )?my (?:past |previous )?orders[?.! ]*$|\border history\b|\bwhat (?:have i|did i|i've) (?:ordered|bought|order|buy|purchased?)\b|\bmy (?:past|previous|earlier) (?:orders|purchases)\b",
        r"(?:列出|查看|看看|看|显示|查).{0,5}(?:全部|所有)?的?订单(?:列表|纪录|记录)?[?？。!！吧 ]*$|我的(?:全部|所有)的?订单|^我的订单[?？。 ]*$|(?:全部|所有)的?订单|订单(?:历史|列表)|买过(?:什么|哪些|的)|(?:以前|之前|过去)(?:都)?(?:买|订)过?(?:了)?(?:什么|哪些)",
    ),
}
DESK_INTENTS = tuple(DESK_RULES)

_LAST = re.compile(
    r"\b(?:last|latest|most recent|newest|recent) (?:order|purchase)\b|\bthe (?:last|latest|newest|most recent) one\b"
    r"|上一?(?:单|笔|张|个订单|次(?:买|订|下))|最近.{0,4}(?:订单|单|笔)|最后.{0,3}(?:订单|单|笔)|最新.{0,3}(?:订单|单|笔)|上一个"
)
_NO_LONGER = re.compile(
    r"no longer (?:need|want)|(?:don't|do not|didn't) (?:\w+ )?(?:need|want)|not needed|changed? my mind|(?:need|want) it any ?more|found it (?:cheaper|elsewhere)|^not needed"
    r"|不需要|用不到|不想(?:要|买)|不要了|不用了|不买了|没有?需要|改变(?:主意|心意)|后悔"
)
_MISTAKE = re.compile(
    r"mistake|by accident|accident(?:al)?ly|wrong(?:ly)? (?:order|item|product|one)|ordered (?:it )?twice|duplicate|double order|mis-?click"
    r"|(?:按|买|订|下|点|选)错|误(?:买|点|按|下|订)|不小心|重复(?:下|买|订)|手滑|下错单"
)
NO_LONGER_NEEDED, BY_MISTAKE = "no longer needed", "ordered by mistake"


def is_last(folded: str) -> bool:
    """Whether the latest order is meant."""
    return bool(_LAST.search(folded))


def cancel_reason(folded: str) -> str:
    """Return which of the two reasons of a cancellation was said; empty when neither was."""
    if _MISTAKE.search(folded):
        return BY_MISTAKE
    return NO_LONGER_NEEDED if _NO_LONGER.search(folded) else ""


def order_slots(folded: str, slots: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message says of an order: its number, or that it is the last one, and why."""
    said: dict[str, Any] = {name: slots[name] for name in ("order_number",) if name in slots}
    if is_last(folded):
        said["which"] = "last"
    if reason := cancel_reason(folded):
        said["reason"] = reason
    return said
