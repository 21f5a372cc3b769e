"""The outbox: background work is a row before it is a task."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """One message for one subscriber. Carries ids, not state; delivered at least once."""

    topic = models.CharField(_("topic"), max_length=60)
    subscriber = models.CharField(_("subscriber"), max_length=200)
    lane = models.CharField(_("lane"), max_length=16)
    key = models.CharField(_("key"), max_length=200)
    payload = models.JSONField(_("payload"), default=dict)
    # A plain number: the outbox lies below accounts.
    merchant_id = models.BigIntegerField(_("merchant"), null=True)
    once_key = models.CharField(_("once"), max_length=300, null=True, unique=True)  # noqa: DJ001 (NULL = may repeat)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    available_at = models.DateTimeField(_("due"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    dead_at = models.DateTimeField(_("given up"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["lane", "available_at"],
                name="outbox_due",
                condition=models.Q(delivered_at__isnull=True, dead_at__isnull=True),
            ),
            models.Index(fields=["topic", "key"], name="outbox_topic_key"),
            # What was given up is counted whenever the metrics are read.
            models.Index(fields=["lane"], name="outbox_given_up", condition=models.Q(dead_at__isnull=False)),
            # The sweeper deletes by age what was delivered.
            models.Index(
                fields=["delivered_at"], name="outbox_delivered", condition=models.Q(delivered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key} → {self.subscriber.rsplit('.', 1)[-1]}"


class ScheduledRun(models.Model):
    """When a periodic act last ran, so that several servers run it once a period."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    last_run_at = models.DateTimeField(_("last run"))

    class Meta:
        verbose_name = _("scheduled act")
        verbose_name_plural = _("schedule")

    def __str__(self) -> str:
        return self.name
