import time
from dataclasses import replace
from catalog.accounts.models import Merchant, Creator
from catalog.accounts.scoping import merchant_scope
from catalog.products.indexing import reindex
from conversations.personas.knowledge import CreatorKnowledge
from conversations.personas.prompts import system_prompt
from conversations.personas.selectors import *
from shop_assistant import demo_shop
from tests.factories import make_shopper
from tests.tools.talking import call, make_ctx
import json
def test_demo(db, settings):
    from tests.catalog.hearing import EVERYTHING
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING
    fn=[getattr(demo_shop,n) for n in dir(demo_shop) if n in ("make_demo","seed","make_demo_shops","load","make_shops","seed_demo","make_shop")]
    print(fn)
    demo_shop._make_room = lambda *a: None
    from pathlib import Path; demo_shop.make(Path("shop_assistant/demo_data/meis-shelf"))
    for f in []:
        try: f()
        except TypeError as e: print(e); f("meis-shelf")
    m=Merchant.objects.get(slug="meis-shelf")
    reindex(merchant=m)
    with merchant_scope(m):
        c=Creator.objects.first()
        k=CreatorKnowledge(m.pk,c.pk,"en"); kz=CreatorKnowledge(m.pk,c.pk,"zh-hant")
        t=time.perf_counter(); k.passages("shipping"); print("build ms",(time.perf_counter()-t)*1000)
        t=time.perf_counter(); k.passages("shipping cost to taiwan"); print("ask ms",(time.perf_counter()-t)*1000)
        for q in ["where in the video do you put on the cream","Can No. 3 and retinal go together?","what does Mei think about retinal","how do you reapply sunscreen","what is double cleansing","do you like cats","are you sponsored"]:
            print(q); 
            for p in k.passages(q): print("    ",p.kind,p.title,p.start_s,p.text[:80])
            for p in k.content_moments(q): print("    >>",p.title,p.start_s,p.quote[:60])
        for q in ["影片裡哪一段有講防曬怎麼補擦","有没有讲怎么卸妆的视频","小梅覺得 A 醛值得買嗎","3 號和 A 醛能一起用嗎？","博主自己用哪款面霜","小梅平常吃什麼","哺乳期能擦 A 醛嗎？"]:
            print(q)
            for p in kz.passages(q): print("    ",p.kind,p.title,p.start_s,p.text[:50])
        s=make_shopper(m)
        ctx=make_ctx(m,c,s,currency=m.currency_for("en"))
        r=call(ctx,"recommend_products",skin_types=["oily","sensitive"],budget_max=40); print(r.text); print(r.heard)
        ctx2=replace(ctx,shown_product_ids=tuple(x.product_id for x in r.cards))
        print(call(ctx2,"recommend_products",skin_types=["oily","sensitive"],cheaper=True).text)
        print(call(ctx,"recommend_routine",text="morning routine",skin_types=["oily"],uses=["retinal"],budget_max=80).text)
        print(call(ctx2,"compare_products").text)
        print(call(ctx2,"product_details",ordinal=1).text)
        z=make_ctx(m,c,s,language="zh-hant")
        print(call(z,"search_products",text="防曬",sort="price",limit=3).text)
        p=live_persona(c.pk)
        print(system_prompt(persona=p,creator=c,ctx=replace(z,shown_product_ids=ctx2.shown_product_ids)))
