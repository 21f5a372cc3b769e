"""Wiring: settings name every adapter and subscriber; no logic lives here."""

from shop_assistant.celery import app as celery_app

__all__ = ["celery_app"]
