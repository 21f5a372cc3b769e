"""English patterns of each intent, on folded text."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

_BUY = r"(?:add|put|throw|pop|toss|drop|stick)"

ENGLISH_RULES: dict[str, tuple[str, ...]] = {
    "injection": (
        r"(?:ignore|disregard|forget|override|bypass) (?:all |any |every )?(?:of )?(?:your |the |my |previous |prior |above |these |those |earlier )*(?:instructions?|rules|prompts?|guidelines|guardrails|everything|restrictions|programming)",
        r"system prompt|developer mode|jail ?break|(?:your|the) (?:hidden |initial |secret |internal |original )(?:prompt|instructions|rules)",
        r"(?:reveal|print|show|repeat|output|leak|dump|tell me) (?:me )?(?:your |the )(?:full |exact |entire )?(?:system|prompt|instructions|api key|configuration)",
        r"you are now (?:a |an |in |dan|no longer)|from now on,? you|act as (?:if|though|a|an|my)|pretend (?:to be|you are|you're|that you)|do anything now|role-?play as",
        r"(?:set|change|make|update) (?:the |all |every |its )?prices? (?:to|of|0|zero)|(?:sell|give) (?:it|this|that|them|everything)(?: to)?(?: me)? for (?:\$ ?[01](?![\d])|free|nothing|one (?:dollar|cent))",
        r"(?:other|another|all) (?:shoppers?|customers?|users?)'? (?:orders?|address|data|emails?|details)|drop table|<script|\bsudo\b|admin (?:password|access|mode)|\{\{",
    ),
    "health": (
        r"pregnan\w*|breast-?feeding|nursing|trying to conceive",
        r"eczema|psoriasis|rosacea|dermatitis|fungal acne|cystic acne|skin cancer|melanoma|hives|infect(?:ed|ion)|bleeding|blister\w*|anaphyla\w*",
        r"(?:prescri\w+|accutane|isotretinoin|tretinoin|medication|medicine|antibiotics?|steroids?|my (?:doctor|dermatologist)|chemo\w*)",
        r"(?:allergic reaction|(?:got|have|had|gave me|broke out in|came out in) (?:a |an )?(?:bad |itchy |red )*rash|swollen|swelling up|burn(?:s|ed|ing|t) my (?:skin|face|eyes?)|face is burning|side effects?)",
        r"(?:diagnos|cure|treat)\w* (?:my|this|the|a|for)|is (?:it|this|that) (?:safe|ok|okay) (?:for|to use|during|while|if|with|on) .*(?:baby|babies|infants?|toddlers?|asthma|disease|condition|diabet\w+|surgery|laser|allerg\w+)|frostbite|altitude sickness|hypothermia|knee (?:pain|injury)|heart condition",
        r"allerg(?:y|ies|ic)(?! to (?:fragrance|perfume|alcohol|wool|down|feathers?))",
    ),
    "handoff": (
        r"(?:talk|speak|chat|connect|transfer|switch|put|hand|pass|escalate|get)(?:ing)? (?:me )?(?:over )?(?:to|with|through to|on to)? ?(?:a |an |the |some |your |with |to )*(?:real |actual |live |human |proper )*(?:human|person|people|someone|somebody|agent|representative|rep|staff|support|manager|customer (?:service|support|care)|team|operator)",
        r"(?:want|need|prefer|like|rather (?:talk|have)) (?:to )?(?:have )?(?:a |an )?(?:real |actual |live )?(?:human|person|agent|representative)(?! (?:tent|size))",
        r"customer (?:service|support|care)|live (?:agent|chat|support)|(?:make|file|lodge) a complaint|complain to|call me back|contact (?:a human|support|someone)",
        r"(?:can|could|may) (?:i|you) (?:talk|speak|ask|get|message|reach) (?:to |with )?(?:mei|her|him|the creator|the owner)(?: herself| himself| directly| personally)",
        r"^(?:human|agent|operator|representative|person|real person)(?: please)?[.!?]*$",
    ),
    "is_bot": (
        r"(?:are|r) (?:you|u|ya)(?: \w+)? (?:(?:a|an|the|just|really|actually|even|some kind of|real) )*(?:ro)?(?:bots?|ai|human|person|machine|computer|chat ?bot|program|automated|real|gpt|chatgpt|mei)\b(?! (?:tired|busy|happy))",
        r"(?:am i|is this|is it|who am i) (?:really |actually |even )?(?:talking|speaking|chatting|writing|texting)? ?(?:to |with )?(?:a |an |the )?(?:real |actual |live )?(?:ro)?(?:bot|ai|human|person|machine|computer|chat ?bot|automated|mei(?: herself)?)\b",
        r"(?:is (?:this|that) (?:really|actually) (?:you|mei|her|him))|(?:real (?:person|human|mei) or|human or|bot or|ai or|or (?:a |an )?(?:ro)?(?:bot|ai|machine)\b)|are you (?:really )?(?:mei|her|him)\b|who (?:is|am i) (?:actually |really )?(?:answering|replying|typing|talking to)|did (?:a human|a person|mei) write (?:this|that)",
    ),
    "order_status": (
        r"where(?:'s| is| are| r)? (?:my |the )?(?:order|package|parcel|stuff|delivery|purchase|shipment|things i)",
        r"(?:track|status of|check(?: on)?|follow|update on|find|look up|cancel|change) (?:my |the |an )?(?:recent |last |latest )?(?:order|package|parcel|shipment|delivery)(?!s? (?:cost|fee))",
        r"(?:order|package|parcel|delivery) (?:status|number|no\.?|id|#|tracking|history)|tracking (?:number|info|code|link)|order #?\w{0,4}-?\d{3,}|#\d{4,}",
        r"(?:has|have|did|is|was|when will|when does|why (?:has|is|hasn't|isn't)) (?:my |the )(?:order|package|parcel|stuff|purchase|payment|delivery)s?\b",
        r"my (?:order|package|parcel)s? (?:has|hasn't|still|never|didn't|is|isn't|arrived|came)|haven't (?:received|got) (?:my|the|it|anything)|did (?:you|my payment) (?:get my|go through)|(?:my|last|latest|recent) orders?\??$|show (?:me )?my orders",
    ),
    "policy_returns": (
        r"refund\w*|returnable|money back|send (?:it|this|them) back|take (?:it|this|them) back|exchange(?:s|d)? (?:it|this|for|policy|an)|(?:can|do) (?:i|you) exchange|exchanges\b",
        r"(?<!in )returns?(?: (?:it|this|policy|window|an|something|them|the|a|if|opened))?\b(?! of my acne)",
        r"(?:arrived|came|is|got|was) (?:it )?(?:damaged|broken|defective|cracked|leaking)|wrong (?:item|product|size|shade) (?:arrived|came|sent)|(?:got|received|sent me) the wrong|cooling[- ]off|(?:doesn't|does not|won't|don't|didn't) (?:fit|suit me|like it|work for me)",
    ),
    "policy_shipping": (
        r"ship(?:s|ping|ped)?\b|deliver(?:y|ies|s|ed)?\b|postage|courier|express (?:post|mail)|customs|import (?:tax|duty|duties)|pick ?up (?:in|at|from)",
        r"when (?:will|does|would|can|do) (?:it|they|i) (?:arrive|get here|come|be delivered|get it|receive)|how (?:long|soon|fast|quick\w*) (?:will|does|do|until|before|would|can) (?:it|i|they|the|an|my|you)? ?(?:order )?(?:take|arrive|get|come|receive|have it)",
    ),
    "policy_other": (
        r"(?:pay(?:ment)?|checkout) (?:methods?|options?|with|by|using|in (?:instal\w+|cash))|(?:do you|can i|you) (?:take|accept|use|pay)(?: with| by)? (?:paypal|apple pay|google pay|line pay|credit cards?|visa|mastercard|cash|amex|klarna|cards?)|instal?lments?|cash on delivery|\bcod\b",
        r"warrant(?:y|ies)|guarantee\b|invoice|receipt|privacy|personal data|(?:chat|conversation) history|(?:my|about my|keep my) data|delete my (?:data|account)|gift[- ]?wrap\w*|gift (?:card|receipt|message|note)|loyalty|membership|reward points|points program",
        r"authentic|genuine|counterfeit|fakes?\b|physical (?:store|shop)|store (?:location|hours)|opening hours|where (?:are you|is your (?:shop|store))(?: located| based)?|terms (?:and|of)|cruelty[- ]free policy|wholesale|repair (?:service|policy)|sponsor\w*|(?:do you|are you) (?:get )?paid (?:to|for)",
    ),
    "discount": (
        r"discounts?|coupons?|promo(?:tion)?s?\b|promo codes?|vouchers?|(?:any|a|the) codes?\b|on sale|sales?\b(?! ?(?:rep|person))|deals?\b|special offers?|\d+ ?% ?off|black friday|bogo|buy one get|bulk (?:price|pricing)|better price|(?:can|could|would) you (?:do|make|sell|give).{0,16}cheaper|lower the price|knock .* off|price match|free gifts?|free samples?",
    ),
    "checkout": (
        r"check ?out\b|check me out|(?:ready|want|like|let me|let's|i'll|how (?:do|can) i) (?:to )?(?:pay|buy now|complete|finish|purchase now)(?! (?:with|by|attention))|place (?:the|my|an|this) order|pay(?:ment)? (?:now|link|for (?:it|this|my|everything|these|them|the cart))|proceed to|complete (?:the|my) (?:order|purchase)|buy (?:it |them |everything |these )?now|ready to (?:order|buy|check)|take my money|ring me up",
    ),
    "cart_remove": (
        r"(?:remove|delete|drop|take|get rid of|cancel|discard)\b.*\b(?:from|out of|off|in) (?:my |the )?(?:cart|basket|bag|order|list)|empty (?:my |the )?(?:cart|basket|bag)|clear (?:my |the )?(?:cart|basket|bag)",
        r"take (?:the |that |this )?(?:\w+ ){1,3}out\b|(?:remove|delete|take out|take off) (?:the |that |this |it\b|one|both|all|everything|\d)|(?:don't|do not|no longer) (?:want|need) (?:the |that |this |it\b)(?: \w+)*(?: any ?more| in my cart| after all)?$|i changed my mind about",
    ),
    "cart_show": (
        r"(?:what(?:'s| is| do i have| have i got| have i)|show(?: me)?|see|view|open|check|look at|review|how many|list|display)\b.*\b(?:my |the )?(?:cart|basket|shopping bag|bag)\b(?! pack)|^(?:my )?(?:cart|basket)\??$|(?:cart|basket) (?:total|contents?|so far)|total (?:of|in|for|so far)? ?(?:my |the )?(?:cart|basket)|what(?:'s| is) (?:my|the) total|what have i (?:got|added|put|picked|chosen)|how much is (?:everything|it all|my cart|the cart|my basket|all of it)",
    ),
    "cart_add": (
        _BUY
        + r"\b.*\b(?:to|in|into) (?:my |the )?(?:cart|basket|bag)|(?:add|get me|grab(?: me)?) (?:the |that |this |it\b|them|these|those|both|all|one|two|three|four|a pair|\d|another|everything|first|second|third|last)(?!.*\bdetails)",
        r"(?:i'll|i will|i'd like to|i want to|i wanna|let me|gonna|going to|can i|could i|i would like to) (?:take|have|get|buy|order|purchase|grab|go (?:for|with)) (?:the |that |this |it\b|them|these|those|both|all|one|two|three|four|\d|number|your (?:first|second|last))",
        r"(?:buy|order|purchase) (?:the |that |this |it\b|them|these|those|both|one|two|three|number|\d)(?! (?:for (?:you|your)))|(?:i'll|i will|let me) (?:take|go (?:for|with)|have) \w+|sold,? (?:i'll|add)|(?:i want|gimme|give me) (?:the (?:first|second|third|last)|number|that one|this one|it|two|three|\d)\b",
    ),
    "compare": (
        r"compar(?:e|ison|ing)\b|differen(?:ce|t)s?\b.*(?:between|from|to each|than|are they)|what(?:'s| is| are) the differences?|\bvs\.?\b|versus|how (?:do|does|are|is) (?:they|these|it|the \w+) (?:differ|compare|different)|side by side|pros and cons",
        r"(?:which|what)(?: one| of (?:them|these|those|the two))?(?:'s| is| are| would be|, | do you think is)? ?(?:the )?(?:better|lighter|stronger|gentler|warmer|thicker|richer|bigger|smaller|cheaper|heavier|best of (?:the two|both))\b|(?:first|second|third|this|that|one)(?: one)? or (?:the )?(?:first|second|third|this|that|other|last)|better than|(?:the )?\w+ or the \w+,? which",
    ),
    "compatible": (
        r"^(?!.*\b(?:what|which) (?:goes?|works?|pairs?|else)\b).*\b(?:can|could|may|should|do|does|would|will|is|are|ok|okay)\b.{0,90}\b(?:go|works?|used?|using|mix(?:ed)?|layer(?:ed)?|combined?|worn|applied|put|get along|play) (?:\w+ )?(?:together\b|with each other|(?:at|in) the same (?:time|routine|step|evening|night|morning))",
        r"(?:can|could|may|should|ok(?:ay)?|fine|alright|bad|safe|possible)(?: if)?(?: to| for me to)? ?(?:i|you|we)? ?(?:also |still )?(?:use|using|wear|mix|combine|layer|apply)\b(?!.*\b(?:skin|acne|kids?|card|coupon|code|paypal|apple pay|voucher|discount)\b).{1,50}\b(?:with|alongside|over|on top of)\b.{2,}",
        r"(?:can|could|may|should) (?:i|you|we) (?:mix|combine|layer|use|alternate) (?!.*\b(?:every|daily|often)\b)\S.{1,50} and (?!(?:at |in the |every )?(?:night|evening|morning|pm|am|neck|eyes|body|day|then)\b|my (?:neck|eyes|face|body))\S+",
        r"(?:does|do|will|would|can|could) \S.{0,50}\b(?:go|work|pair|mix|layer|clash|conflict|get along|react|interfere) (?:well |ok |nicely )?with\b(?!.*\b(?:skin|induction|gas|stoves?|fuel|size|foot|feet|kids?|card)\b)",
        r"compatible with\b|(?:conflicts?|clash(?:es)?) with (?!.*order)|cancel (?:each other|one another) out",
    ),
    "routine": (
        r"how (?:do|should|can|would|could) i (?:do|start|handle|approach|set up|plan|build|manage|spend) (?:my )?(?:mornings?|evenings?|nights?|skin ?care)",
        r"(?:skin ?care|products?|steps?|what (?:should|do|can) (?!you|mei|she|kai|he)\S.{0,40}\b(?:use|wear|apply|put on)\b.{0,12}) (?:for|in|at|every) (?:the |my )?(?:morning|evening|night)s?\b",
        r"routines?\b|regimens?|(?:morning|evening|night|am|pm)(?: and|/| or|,)? ?(?:evening|night|pm)? (?:steps|skincare)|step[- ]by[- ]step|(?:what|which) order (?:do|should|to)|layer(?:ing)?\b|full (?:set ?up|kit|set)|(?:whole|complete|entire) (?:set ?up|kit|outfit|set|gear)|(?:packing|gear|kit|checklist) list|everything i(?:'d| would)? need|what (?:all |else )?(?:do|should|would) i (?:need|pack|bring|take)(?: with me)? (?:for|on|to|in)(?![a-z])|build me|put together|goes? (?:well )?(?:with|together)|combine|pair (?:it|this|with)|full skincare",
    ),
    "content": (
        r"(?:which|what|any|got|the|your|that|latest|newest|new|a|last|this) (?:\w+ ){0,3}?(?:video|vid|vlog|clip|reel|episode|post|tutorial|livestream|stream|youtube)s?\b(?!.*(?:suit|which of these|recommend|which one))",
        r"(?:have|did|do) you (?:ever )?(?:made?|post(?:ed)?|film(?:ed)?|record(?:ed)?|talk(?:ed)?|cover(?:ed)?|show(?:ed|n)?|review(?:ed)?|demo\w*|say|said|mention(?:ed)?|discuss\w*)\b|where (?:did|do) you (?:talk|say|show|mention|use|explain|wear)|(?:watch|link to|see) (?:you|the video|a video|it being)|(?:video|tutorial|clip|post)s? (?:on|about|where|of|for|showing|with)|at what (?:minute|second|point)",
    ),
    "opinion": (
        r"(?:what do|what did|what'd) (?:you|u|mei|she|he|kai|the creator) (?:\w+ )?(?:think|make|feel|reckon)|your (?:honest |personal |own )*(?:opinion|take|view|thoughts|favou?rites?|go-?to|holy grail|verdict|experience)|(?:do|did|does|would|have|are|is|has) (?:you|u|mei|she|he|kai)(?: \w+)? (?:like|love|use|recommend it|rate|prefer|enjoy|believe|buy|wear|tried|try|trust|hate|a fan|into|used|think|carry|pack|bring|own)\b",
        r"(?:worth (?:it|the|buying|trying|my)|overrated|overhyped|underrated|hyped?\b|thoughts on|any good\b|legit|what's your)|which (?:one )?(?:do|would) you (?:\w+ )?(?:use|prefer|pick|choose|like|love|buy|wear|reach)|(?:mei|kai)'s (?:favou?rite|opinion|take|pick)|personally",
    ),
    "stock": (
        r"(?:in|out of|back in|have|any) stock\b|stock(?:ed)?\b(?! market| tips?)|sold ?out|re-?stock\w*|(?:any|how many|are there|is there|do you have) (?:\w+ ){0,3}left|(?:is|are) (?:it|this|that|they|these|the [\w ]+?|number \w+|both) (?:still )?available|still (?:available|have|got|selling)|availab(?:le|ility)\b(?! (?:in english|in chinese|methods?))|run(?:ning)? out|come back in|do you (?:still )?(?:have|carry|sell) (?:it|this|that|the [\w ]+?) in\b",
    ),
    "price": (
        r"how much(?! (?:should|do i (?:use|apply|need)|of|water|product|does it (?:weigh|hold)|weight|space|longer))|(?:what(?:'s| is| are|s)?|tell me|know|give me|check) (?:the |its |their |your )?(?:\w+ ){0,4}(?:prices?|cost)s?\b|prices?\b(?! range for)|(?:does|do|would|will) (?:it|this|that|they|the [\w ]+|these|those) cost|pricing|\bcosts?\b|how expensive",
    ),
    "details": (
        r"ingredients?|inci\b|what(?:'?s| is| are)? (?:inside|in (?:it|this|that|the (?!cart|basket|bag|video)))|made (?:of|from|with|in)|contain(?:s|ing)?\b|does (?:it|this|that|the [\w ]+?) (?:have|contain|include|come|work|smell|fit|feel|leave|sting|weigh|last|pack|need|use|dry|stain|float|pill)|(?:is|are) (?:it|this|that|they|the (?:first|second|third|last)(?: one)?) (?!cheaper|in stock|available|sold|on sale|you|a bot|good|ok|real|still)(?:\w+)",
        r"(?:do|should|can|must) (?:i|you) (?:need to |have to )?(?:rinse|wash|apply|wait|use (?:it|this|that|them)|wear (?:it|this)|leave it|put it)|how (?:do|should|can|often|much|many times) (?:do |should |can )?(?:i|you|we) (?:use|apply|wear|wash|put|set|pitch|clean|care|store|wait)|how to (?:use|apply|wash|pitch|clean|store|care)|instructions|directions|(?:tell me|know|info(?:rmation)?|details?|specs?|more|say|explain)\b.{0,12}\b(?:about|on|of|for) (?:the |this |that |it\b|number|them)|details?\b|specs?\b|specifications?",
        r"what (?:sizes?|colou?rs?|shades?|texture|spf|volume|weight|material|finish|ph|percentage|capacity|season|brand)|how (?:big|heavy|large|small|long|light|warm|tall|wide|thick|waterproof|many (?:ml|people|grams|litres|liters|seasons))|(?:what|which) (?:is|size|temperature|rating)|waterproof rating|comfort (?:temp|rating)|shelf life|expir\w+|texture|vegan|spf (?:is|rating)|does it|do they",
    ),
    "refine": (
        r"cheaper|less expensive|more affordable|too (?:expensive|pricey|rich|heavy|greasy|thick|strong|big|small|much)|lower price|budget[- ]friendly|(?:something|anything|one|ones|any) (?:else|different|lighter|gentler|richer|smaller|bigger|warmer|milder|simpler|thicker|stronger|under|below|less|without|more|with)|other (?:options?|ones?|choices?|products?|brands?|suggestions?)|others\b|alternatives?|another (?:one|option|brand)|more (?:options|choices|like)|not (?:that|this|these|those)(?: one)?|instead|what else|show me more|next one|(?:swap|replace|switch)(?: out)? (?:the |that |this |it\b|number |item |#)",
        r"^(?:and |but |ok(?:ay)?,? |hmm,? |actually,? |no,? )*(?:what|how) about\b|^(?:and |but |ok(?:ay)?,? |hmm,? |actually,? |no,? |maybe |only |just |preferably |make it )*(?:under|below|less than|without|no|up to|max|not more|around|between|over|fragrance-free|alcohol-free|with|for|in)\b(?! (?:thanks?|thank|problem|way|idea|worries|bother))|^(?:and |but )?(?:my|the) budget|i meant|(?:it )?(?:has|needs) to be|keep it",
    ),
    "recommend": (
        r"recommend\w*|suggest\w*|looking for|searching for|(?:i |i'm |we |really |also |just )?(?:need|want|after)(?:ing)? (?:a|an|some|something|any|new|good|to (?:find|get|buy|try|start))\b|help me (?:find|choose|pick|decide|with)|(?:find|show|get|pick|choose|give)(?: for)? me (?:a|an|some|something|the best|your|any)",
        r"(?:which|what)(?: \w+){0,3}? (?:should|would|can|do) (?:i|you|we) (?:use|get|buy|choose|pick|go|try|take|wear|bring|need|have|carry)|which (?:of (?:these|those|them)|one|ones|product|\w+) (?:\w+ )?(?:suits?|fits?|works?|is|are|for|would|do|helps?|can|has|goes)|(?:good|best|great|right|nice|suitable|ideal|perfect|gentle|light|cheap|decent) (?:\w+ ){0,4}?(?:for|with|under|against)\b|best [\w ]+|suit(?:s|able|ed)?\b|gifts?\b|present for|(?:do|does|have) (?:you|mei|u|your shop) (?:have|sell|carry|got|stock) (?:a|an|any|some|something)|any(?:thing|one)? (?:good |nice |decent )?(?:for|that|against|to help|with|you)\b|something (?:for|that|to|gentle|light|good|with|under)|how (?:can|do) i (?:get rid of|fix|deal|treat|reduce|deal with|stop)|what (?:helps|works|do you have|have you got)|ideas for",
    ),
    "greet": (
        r"^(?:hi+|hello+|hey+|heya|hiya|yo|howdy|good (?:morning|afternoon|evening|day)|greetings|sup|morning|evening)(?: (?:there|mei|kai|everyone|all|again|team|you|guys|friend|dear))*[ .!~?,:)]*$",
    ),
    "thanks": (
        r"^(?:(?:ok(?:ay)?|great|perfect|awesome|cool|nice|super|wow|yay|got it|alright|lovely|ah|amazing)[,.! ]*)*(?:thanks?|thank (?:you|u)|thx|ty|tysm|cheers|much appreciated|appreciate (?:it|that|your))\b(?!.*\?)",
        r"(?:that(?:'s| was| is) (?:very |really |so |super )?(?:helpful|kind)|you(?:'ve| have) been (?:\w+ )?helpful|really appreciate)",
    ),
    "bye": (
        r"^(?:(?:ok(?:ay)?|alright|thanks?|well|great)[,.! ]*)*(?:(?:good)?bye+|bye[- ]bye|see (?:you|ya|u)|good night|night night|take care|talk (?:to you )?(?:later|soon)|catch you|ttyl|cya|later|farewell|have a (?:nice|good|great|lovely) (?:day|one|night|evening|weekend)|(?:i )?(?:gotta|have to|need to|got to) go|that(?:'s| is| will be) (?:all|it)(?: for (?:now|today))?)\b",
    ),
    "affirm": (
        r"^(?:(?:yes|yep|yeah|yup|ya|yea|sure|ok(?:ay)?|okey|absolutely|definitely|of course|correct|right|exactly|fine|perfect|great|go ahead|go for it|do it|please do|sounds (?:good|great|perfect|fine)|why not|confirm(?:ed)?|agreed|deal|that's (?:right|correct|fine|it)|i do|i agree|good|looks good|let's (?:do it|go)|y|alright|works for me|that works|please)[ ,.!]*(?:please|thanks|do|that|it|then|with it|for me)?[ ,.!]*)+$",
    ),
    "deny": (
        r"^(?:(?:no+|nope|nah|not (?:now|really|yet|today|at the moment|interested|this time)|never ?mind|don't(?: do (?:that|it))?|do not|cancel(?: (?:it|that))?|stop(?: it)?|forget (?:it|about it)|no way|wrong|incorrect|i don't (?:think so|want (?:to|it|that))|leave it|skip(?: it)?|maybe later|n|that's not (?:it|right|what i \w+)|not that|rather not|i'd rather not|i'll pass|pass|hold on|wait|(?:no,? |nah,? )?i'?m (?:good|fine|ok(?:ay)?|all set|alright))[ ,.!]*(?:thanks?|thank you|please|that|it|sorry)?[ ,.!]*)+$",
    ),
    "small_talk": (
        r"how(?:'s| is| are| r| have)? (?:you|u|it going|things|your day|life|everything|you been|you doing|ya)\b|what(?:'s| is) (?:up|your name|new)\b|who are you\b|where (?:are you|do you) (?:from|live)|how old are you|what did you (?:eat|do|have)|(?:tell|know) (?:me )?(?:a |any )?jokes?|(?:you(?:'re| are| look)|ur) (?:so |really |very |too )?(?:funny|cute|pretty|sweet|beautiful|amazing|awesome|the best|nice|great|cool|smart|gorgeous)|(?:love|enjoy|like) (?:you\b|your (?:videos|channel|content|hair|style|voice|work|streams?|posts|skin))|big fan|long[- ]time (?:fan|follower)|(?:lol|haha+|lmao|hehe)|are you (?:married|single|tired|busy|happy|bored|hungry|ok)|do you have (?:a |any )?(?:pets?|cats?|dogs?|kids|boyfriend|girlfriend|hobbies|siblings)|nice to meet|happy (?:birthday|new year)|merry christmas|i(?:'m| am) (?:so )?(?:bored|tired|sad|happy|excited)|what(?:'s| is) your favou?rite (?:food|colou?r|movie|song|season|drink|animal)|good luck|bored",
    ),
    "out_of_scope": (
        r"(?:write|compose|generate|create|draft|code) (?:me )?(?:a |an |some |my )?(?:\w+ )?(?:code|essay|poem|story|song|program|function|script|cover letter|resume|email|homework|python|haiku|speech)|translate|capital (?:city )?of|stock (?:market|price|tips?)|bitcoin|crypto\w*|invest(?:ment|ing)?\b|president|election|politic\w*|homework|python|javascript|weather|news\b|restaurant|hotel|recipe|cook(?:ing)? (?:a|dinner|pasta)|football|soccer|basketball|world cup|nba|movie|netflix|lottery|horoscope|math|solve|equation|who won|who is the|how tall is|population|history of|(?:book|find) (?:me )?(?:a )?(?:flight|hotel|taxi|uber|table)|iphone|laptop|car insurance|tax return|visa application|legal advice|lawyer|square root|meaning of life|what time is it|what day",
    ),
}
