"""How wishes are put: who wants, a verb of wanting, searching or offering, and something that follows.

"I'm hunting for", "would you have any", "anyone know where I can get", 想找, 有沒有賣. What is wanted is not looked at.
"""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re

_SEEK = r"(?:look|search|hunt|shop|brows|ask|hop|wish)ing|on the (?:hunt|lookout|search)|in the market|in search"
_GET = r"(?:find|get|buy|pick|choose|select|order|purchase|track|try|own|grab|see)"
_THING = r"(?! ?(?:help|to (?!buy|find|get|see|pick|order|try|own|purchase)|know|your|my|the (?:order|refund|invoice|receipt|package|parcel)|it\b|this\b|that\b|them\b|return|refund|cancel|track))"
_WHO = r"(?:you|u|ya|anyone|anybody|someone|somebody|they|the shop|your shop)"
# On folded text.
FRAME = re.compile(
    rf"(?<![a-z])(?:{_SEEK})(?: (?:around|about|everywhere|online|desperately|specifically|also|still))?(?: (?:for|of)|(?: to| for)? to {_GET})(?![a-z])"
    rf"|(?<![a-z])(?:i|we|she|he|my \w+)(?:'m|'re|'d|'ll| am| are| is| was| would| will| could| really| just| also| still| only| badly)* (?:after|needs?|wants?|love|like|require|seek|prefer|interested in|try(?:ing)? to {_GET}|hop(?:e|ing) to {_GET}|(?:wish|plan|mean)(?:ing)? to {_GET}|could (?:do with|use)){_THING}(?= \S)"
    rf"|(?<![a-z])(?:can|could|would|will|may|might|do|does|have|has|if|whether|wondering if|hoping|please)(?: \w+)?? {_WHO}(?: guys| all| folks)?(?: (?:happen to|maybe|please|possibly|kindly|have to|be able to|help(?: me| us)?|also|still|know (?:of|where|if)))* (?:find|show|recommend|suggest|point|choose|pick|select|sell|have|carry|stock|offer|got|keep|i can (?:get|find|buy)){_THING}"
    rf"|(?<![a-z])(?:any|a|the) (?:chance|way|possibility)(?: that)? {_WHO} (?:sell|have|carry|stock|offer|got){_THING}"
    rf"|(?<![a-z])(?:help me|help us) (?:to )?{_GET}|(?<![a-z])(?:anyone|anybody) know (?:of|where|if)"
    rf"|(?<![a-z])(?:find|show|get|give|bring|recommend|suggest|pick|choose)(?: out)? (?:me|us|for me|some)(?![a-z]){_THING}"
    r"|(?<![a-z])what (?:\w+ ){0,4}?(?:do|have|would|can|could|should) (?:you|u|i|we)(?: \w+)? (?:have|got|sell|carry|stock|offer|recommend|suggest|get|buy|choose|pick)(?! (?:to|in my|on my))"
    r"|(?<![a-z])(?:are|is) there (?:any|a|an|some|such)(?![a-z])|(?<![a-z])where (?:can|could|do|would) (?:i|we|one) (?:get|find|buy)"
    rf"|^(?:(?:hi|hello|hey|hiya|please|pls|so|ok|good \w+)[ ,.!]+)*(?:need|want|wanted|looking|seeking|searching|after|iso|wtb|find|show|recommend|suggest)(?![a-z]){_THING}"
    r"|(?:想|要|需要|打算|准备|考虑|急)(?:要|找|买|入手|挑|选|换|添)|我(?:要|需要|缺|在找|想要)|有没有(?:卖|推荐)?|有卖|请问有|有什么|有哪些|推荐|帮(?:我|忙)(?:找|挑|选|看)|求(?:推荐|一)|(?:在|想)?找(?:一|个|款|支|双|件|些|台)|哪里(?:买|有)"
)
