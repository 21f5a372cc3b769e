"""REST routes of this app, below a shop's address."""

from django.urls import path

from conversations.funnel.api import ContentViews

urlpatterns = [path("content-views/", ContentViews.as_view(), name="api-content-views")]
