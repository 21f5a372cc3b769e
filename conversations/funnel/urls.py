"""The tracked link, at the root of the site."""

from django.urls import path

from conversations.funnel.views import follow_link

urlpatterns = [path("l/<str:link_id>/", follow_link, name="tracked-link")]
