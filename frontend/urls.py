"""Addresses of the shop's pages."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from catalog import row_ids as row_ids  # <row:…>
from frontend import appointments, buying, downloads, owed, reminders, searching, signing_in, views, waitlist

app_name = "pages"
SHOP = "s/<slug:merchant_slug>"
urlpatterns = [
    path("", views.index, name="index"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("language/", set_language, name="language"),
    path(f"{SHOP}/", views.shop_home, name="shop"),
    path(f"{SHOP}/theme.css", views.theme_css, name="theme"),
    path(f"{SHOP}/shopper/", views.become_shopper, name="become_shopper"),
    path(f"{SHOP}/c/<slug:creator_slug>/", views.shelf, name="shelf"),
    path(f"{SHOP}/c/<slug:creator_slug>/chat/", views.chat, name="chat"),
    path(f"{SHOP}/p/<str:slug>/", views.product, name="product"),
    path(f"{SHOP}/p/<str:slug>/beside/", searching.beside, name="beside"),
    path(f"{SHOP}/search/", searching.search, name="search"),
    path(f"{SHOP}/compare/", searching.compare, name="compare"),
    path(f"{SHOP}/v/<slug:slug>/", views.content, name="content"),
    path(f"{SHOP}/live/<slug:slug>/", views.live_room, name="live"),
    path(f"{SHOP}/waitlist/<str:token>/", waitlist.leave, name="waitlist_leave"),
    path(f"{SHOP}/sign-in/<str:token>/", signing_in.sign_in, name="sign_in"),
    path(f"{SHOP}/cart/", buying.cart, name="cart"),
    path(f"{SHOP}/cart/line/", buying.set_line, name="set_line"),
    path(f"{SHOP}/cart/address/", buying.save_address, name="save_address"),
    path(f"{SHOP}/cart/code/", buying.set_code, name="set_code"),
    path(f"{SHOP}/cart/delivery/", buying.set_delivery, name="set_delivery"),
    path(f"{SHOP}/cart/pay/", buying.pay, name="pay"),
    path(f"{SHOP}/orders/<uuid:reference>/", buying.order, name="order"),
    path(f"{SHOP}/orders/<uuid:reference>/pay/", buying.pay_again, name="pay_again"),
    path(f"{SHOP}/orders/<uuid:reference>/<row:appointment_id>.ics", appointments.calendar, name="calendar"),
    path(f"{SHOP}/downloads/<str:token>/", downloads.download, name="download"),
    path(f"{SHOP}/orders/<uuid:reference>/owed/", owed.pay_owed, name="pay_owed"),
    path(f"{SHOP}/owed/<str:token>/", owed.owed, name="owed"),
    path(f"{SHOP}/cart/reminders/", reminders.set_reminders, name="set_reminders"),
    path(f"{SHOP}/reminders/<str:token>/", reminders.stop_reminders, name="stop_reminders"),
]
