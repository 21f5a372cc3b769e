import json, time
from collections import Counter
from catalog.orders.importing import *
from catalog.orders.models import *
def test_store(in_scope):
    data=json.load(open('/work/shared/data/orders/store.json'))
    t=time.time(); n=import_customers(merchant=in_scope, rows=data["customers"]); m=import_orders(merchant=in_scope, rows=data["orders"]); print(n,m,time.time()-t)
    t=time.time(); print(import_customers(merchant=in_scope, rows=data["customers"]), import_orders(merchant=in_scope, rows=data["orders"]), time.time()-t)
    print(Counter(state_in_file(o) for o in Order.objects.all()), LedgerEntry.objects.count(), OrderLine.objects.count(), Fulfillment.objects.count(), PaymentMethod.objects.count())
