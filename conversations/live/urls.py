"""REST routes of this app, below a shop's address."""

from django.urls import path

from conversations.live.api import RoomLinks, RoomView

urlpatterns = [
    path("rooms/<slug:slug>/", RoomView.as_view(), name="api-room"),
    path("rooms/<slug:slug>/links/", RoomLinks.as_view(), name="api-room-links"),
]
