"""The schedule: every act is known to whoever runs it, and one that fails does not stop the others."""

from __future__ import annotations

import logging

import pytest
from celery import current_app
from django.conf import settings

from catalog.outbox.worker import EmbeddedWorkers


def test_every_periodic_act_is_a_task_of_a_module_that_workers_load() -> None:
    current_app.loader.import_default_modules()

    homes = {
        entry["task"]: current_app.tasks[entry["task"]].__module__ for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }

    assert {task: home for task, home in homes.items() if home not in settings.CELERY_IMPORTS} == {}


def test_a_thread_goes_on_after_a_task_that_could_not_be_begun(caplog: pytest.LogCaptureFixture, db: None) -> None:
    def unknown() -> None:
        current_app.tasks["no.such.task"].apply()

    with caplog.at_level(logging.ERROR):
        EmbeddedWorkers()._guarded(unknown)

    assert "failed; going on" in caplog.text
