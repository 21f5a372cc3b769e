"""The words behind each slot value: data, one table a slot. English words are stems at a word's start; all folded."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Table = Mapping[str, tuple[str, str]]  # value -> (English alternatives, Chinese alternatives), regular expressions

SKIN_TYPES: Table = {
    "oily": (r"oily|greasy|shiny t-?zone|oil-prone", r"油性|油皮|油肌|大油田|大油|偏油|油光|爱出油|容易出油|很油"),
    "dry": (
        r"dry(?! bag)|flaky|dehydrated skin",
        r"干性|干皮|干肌|偏干|(?:皮肤|肌肤|肤质).{0,3}干|干燥肌|缺水肌|沙漠肌",
    ),
    "combination": (r"combination|combo skin|mixed skin|t-?zone", r"混合性|混合肌|混合皮|混油|混干|t字|外油内干"),
    "sensitive": (r"sensitive|sensitized|reactive skin|easily irritated", r"敏感|敏肌|敏皮|易敏|干敏|油敏|泛红肌"),
    "normal": (r"normal skin|balanced skin", r"中性肌|中性皮|中性肤|一般肤质|普通肤质"),
}
CONCERNS: Table = {
    "acne": (
        r"acne(?! marks?| scars?)|pimples?|break(?:ing)? ?outs?|blemish(?:es)?|spots? on my|zits?|spotty",
        r"痘(?!印|疤)|闭口|长包|痤疮",
    ),
    "pores": (r"pores?", r"毛孔"),
    "blackheads": (r"black ?heads?|clogged", r"黑头|草莓鼻|粉刺"),
    "redness": (
        r"redness|red cheeks|redd\w+|flush(?:ing|es)?|rosy cheeks|(?:goes|gets|turns) red",
        r"泛红|红血丝|脸红|退红|发红|容易红",
    ),
    "dark_spots": (
        r"dark spots?|hyper ?pigmentation|sun ?spots?|acne (?:marks?|scars?)|post-acne|melasma|scars?|age spots?|freckles?",
        r"斑|痘印|痘疤|色沉|色素沉|淡印|黑色素",
    ),
    "dullness": (
        r"dull(?:ness)?|glow(?:y|ing)?|brighten(?:ing)?|radian\w+|tired(?:[- ]looking)? skin|uneven tone",
        r"暗沉|暗黄|提亮|美白|亮白|蜡黄|没精神|发光|没气色",
    ),
    "fine_lines": (
        r"wrinkles?|fine lines?|anti-?ag(?:e|ing)|ageing|aging|crow's feet|sagging|firm(?:ing|ness)?",
        r"皱纹|细纹|抗老|抗皱|抗衰|松弛|紧致|老化|初老|法令纹",
    ),
    "dehydration": (
        r"dryness|dehydrat\w+|hydrat\w+|tight(?:ness)?|moistur(?:e|ising|izing)(?! ?r)|parched|thirsty",
        r"干燥(?!肌)|缺水(?!肌)|保湿|补水|脱皮|起皮|紧绷|干痒|滋润|脸(?:好|很|超|太)?干|(?:好|超|太)干(?!净)",
    ),
    "dark_circles": (r"dark circles?|under-?eye shadows?", r"黑眼圈"),
    "puffiness": (r"puff(?:y|iness)(?: eyes)?|eye bags?", r"眼袋|泡泡眼|浮肿|水肿"),
    "shine": (
        r"oil control|control(?:s|ling)? oil|mattif\w+|shin(?:e|y)(?! t-?zone)|sebum|greasy by \w+",
        r"控油|出油|吸油|去油|油光|脱妆",
    ),
    "barrier": (r"barrier|repair(?:ing)?|damaged skin|over-?exfoliat\w+|compromised", r"屏障|修护|修复|角质受损"),
    "sun": (r"sun protection|uv protection|sunburn\w*", r"防紫外|晒伤|晒黑"),
}
CATEGORIES: Table = {
    "makeup_remover": (
        r"make-?up removers?|cleansing (?:oil|balm|water)s?|micellar|remove (?:my )?make-?up|takes? off make-?up",
        r"卸妆(?:油|水|膏|乳|霜|棉|产品|液|凝|慕斯|湿巾)|洁颜油|洁肤水",
    ),
    "cleanser": (r"cleansers?|face ?wash|facial wash|foaming wash", r"洗面乳|洗面奶|洁面|洗脸|洗颜|洁颜(?!油)"),
    "toner": (r"toners?|essence water|lotion water", r"化妆水|爽肤水|柔肤水|收敛水|机能水|精华水"),
    "serum": (r"serums?|essences?(?! water)|ampoules?", r"精华(?!水)|安瓶|原液"),
    "sunscreen": (r"sunscreens?|sun ?blocks?|sun ?cream|spf\w*|sun protection", r"防晒|隔离霜"),
    "mask": (r"(?:sheet |face |clay |sleeping |overnight )?masks?", r"面膜|泥膜|冻膜|晚安膜"),
    "eye": (r"eye ?(?:creams?|gels?|serums?|care)", r"眼霜|眼部|眼胶|眼膜"),
    "lip": (r"lip ?(?:balms?|sticks?|masks?|tints?|care)|lips", r"护唇|唇膏|唇膜|口红|润唇|唇彩|嘴唇"),
    "exfoliant": (r"exfoliants?|exfoliat(?:or|ing)|peels?|peeling|scrubs?", r"去角质|角质|磨砂|刷酸|酸类|果酸|焕肤"),
    "oil": (r"(?:face|facial|body) oils?|squalane oil", r"面油|护肤油|美容油|精油(?!香)|角鲨烷油|身体油"),
    "moisturiser": (
        r"mo[is]{1,3}turi[sz]ers?|(?:face|facial|day|night|gel) ?creams?|lotions?",
        r"乳液|面霜|日霜|晚霜|保湿霜|保湿乳|凝霜",
    ),
    "body": (
        r"body ?(?:wash|lotion|cream|butter|care|milk|scrub)s?|shower gels?|hand ?creams?",
        r"身体乳|沐浴|护手霜|身体",
    ),
    "hair": (
        r"shampoos?|conditioners?|hair ?(?:care|masks?|oils?|wash|serums?)|scalp",
        r"洗发|护发|发膜|头皮|润发|发油",
    ),
    "set": (
        r"(?:gift |travel |starter |skincare )?(?:sets?|kits?|bundles?)\b(?! up)",
        r"套装|套组|礼盒|组合(?!性)|旅行组|体验组",
    ),
    "sleeping_bag": (r"sleeping ?bags?", r"睡袋"),
    "tent": (r"tents?", r"帐篷|帐棚|营帐|天幕"),
    "backpack": (
        r"back ?packs?|rucksacks?|day ?packs?",
        r"背包|登山包|后背包|双肩包|背(?:哪|什么).{0,3}包|(?:个|款|的)包(?!裹|邮|装)",
    ),
    "jacket": (r"jackets?|rain ?coats?|shells?|parkas?|anoraks?|down coat", r"外套|夹克|雨衣|风衣|冲锋衣|羽绒"),
    "boots": (r"boots?|hiking shoes?|trail (?:runners|shoes)|footwear", r"登山鞋|靴|健行鞋|越野鞋|鞋"),
    "stove": (r"stoves?|(?:gas )?burners?|cook ?(?:sets?|ware)", r"炉|炊具|锅具|瓦斯"),
    "lamp": (
        r"head ?(?:lamps?|torch(?:es)?)|lamps?|lanterns?|torch(?:es)?|flash ?lights?",
        r"头灯|营灯|露营灯|手电筒|灯",
    ),
    "bottle": (r"(?:water |insulated )?bottles?|flasks?|thermos", r"水壶|水瓶|保温瓶|保温杯"),
    "mat": (r"(?:sleeping |camping )?(?:mats?|pads?)|mattress(?:es)?", r"睡垫|地垫|充气床|防潮垫|垫"),
    "poles": (r"(?:trekking |hiking |walking )?poles?|trekking sticks?", r"登山杖|健行杖|手杖"),
}
ACTIVITIES: Table = {
    "camping": (r"camp(?:ing|site|fire|out)?", r"露营|野营|营地"),
    "running": (r"trail[- ]?run(?:ning|s)?|jog(?:ging)?|running|runners?|runs", r"越野跑|跑山|慢跑|跑步|路跑"),
    "trail": (r"trail[- ]?run(?:ning|s)?", r"越野跑|跑山"),
    "snow": (
        r"ski(?:ing)?|snowboard\w*|snow(?:y)?(?: trips?)?|winter (?:climbing|mountaineering)",
        r"滑雪|雪地|雪季|雪攀|雪山",
    ),
    "hiking": (
        r"hik(?:e|es|ing|er)|trek(?:king)?(?! poles?)|day hikes?|mountain(?:s|eering)?|backpacking|multi-?day|climbing|trails?(?! ?-?run)",
        r"登山(?!杖|鞋|包|背包)|爬山|健行(?!杖|鞋)|郊山|百岳|步道|徒步|远足|重装|纵走|攀岩|溯溪",
    ),
    "cycling": (r"cycl(?:e|ing)|bik(?:e|ing)|bikepacking", r"单车|骑车|自行车|脚踏车"),
    "fishing": (r"fish(?:ing)", r"钓鱼"),
    "travel": (r"travel(?:ling|ing)?(?! sets?| kits?| size)|trips? abroad", r"旅行(?!组)|旅游|出国"),
}
# Words that may be part of a product's name ("Cloud Cream"): they name a category in a wish only.
WEAK_CATEGORIES: Table = {
    "moisturiser": (r"creams?", r"乳霜|(?<!眼)(?<!护手)霜(?!淇淋)"),
    "makeup_remover": (r"make-?up off", r"卸妆"),
}
# What can be free of something; what is asked to be left out.
INGREDIENTS: Table = {
    "alcohol": (r"alcohols?", r"酒精"),
    "fragrance": (r"fragrances?|perfumes?|scent(?:ed|s)?|smell", r"香料|香精|香味|人工香|香(?=[，,。 ]|$)"),
    "paraben": (r"parabens?", r"防腐剂|对羟基苯|paraben"),
    "sulphate": (r"sul[fp]h?ates?|sls|sles", r"硫酸盐|sls"),
    "silicone": (r"silicones?", r"硅灵|矽灵|硅油"),
    "essential_oil": (r"essential oils?", r"精油"),
    "mineral_oil": (r"mineral oils?", r"矿物油"),
    "retinol": (r"retin(?:ol|oids?|al)|a acid", r"a醇|视黄醇|a酸|维a"),
    "acids": (r"(?:exfoliating )?acids?|ahas?|bhas?|glycolic|salicylic", r"酸类|果酸|水杨酸|杏仁酸"),
    "vitamin_c": (r"vitamin c", r"维他命c|维生素c|左旋c|维c"),
    "niacinamide": (r"niacinamide", r"烟酰胺|烟碱酰胺|b3"),
    "oil": (r"oils?(?!y)", r"油(?!性|皮|肌|光)"),
    "down": (r"down|feathers?", r"羽绒"),
    "pfas": (r"pf(?:as|c)s?", r"全氟|氟"),
    "leather": (r"leather", r"真皮|皮革"),
}


def compiled(table: Table) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (value, pattern) pairs; English only matches whole words."""
    return tuple(
        (value, re.compile(rf"(?<![a-z0-9])(?:{english})(?![a-z0-9])|(?:{chinese})"))
        for value, (english, chinese) in table.items()
    )


def values_in(text: str, patterns: Sequence[tuple[str, re.Pattern[str]]]) -> list[str]:
    """Return the values whose words occur in a folded `text`, in the table's order."""
    return [value for value, pattern in patterns if pattern.search(text)]
