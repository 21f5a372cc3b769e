"""The Celery application; its tasks and beat schedule stand in settings (CELERY_…)."""

from __future__ import annotations

import os

from celery import Celery

from shop_assistant import observability_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_assistant.settings")

app = Celery("shop_assistant")
app.config_from_object("django.conf:settings", namespace="CELERY")
observability_worker.listen(app)
