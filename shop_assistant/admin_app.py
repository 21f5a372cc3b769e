"""Django's admin app with our own site in the place of the stock one."""

from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """`admin.site` is `ShopAdminSite`."""

    default_site = "shop_assistant.adminsite.ShopAdminSite"
