"""An appointment as a calendar takes it: one VEVENT (RFC 5545), told apart by its row and counted by its moves."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from catalog.orders.appointment_models import Appointment, AppointmentState
from catalog.orders.models import Order

CONTENT_TYPE = "text/calendar"
_LINE_BYTES = 75


def calendar_files(order: Order, *, language: str, url: str) -> list[tuple[str, bytes]]:
    """Return (file name, content) for every appointment of a paid order."""
    rows = order.appointments.exclude(state=AppointmentState.HELD) if order.paid_at else order.appointments.none()
    return [
        (file_name(row), calendar_file(row, language=language, url=url, at=timezone.now()))
        for row in rows.select_related("line", "service", "resource", "merchant")
    ]


def file_name(row: Appointment) -> str:
    """Return what the file of an appointment is called."""
    return f"appointment-{row.pk}.ics"


def calendar_file(row: Appointment, *, language: str, url: str, at: datetime) -> bytes:
    """Return the appointment as a calendar file; a cancelled one takes its entry out of the calendar.

    Args: `url` is the order's page, `at` when the file is made. The row comes with line, service, resource, merchant.
    """
    is_over = row.state in (AppointmentState.CANCELLED, AppointmentState.RELEASED)
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//shop assistant//appointments//EN",
        "METHOD:" + ("CANCEL" if is_over else "PUBLISH"),
        "BEGIN:VEVENT",
        f"UID:appointment-{row.pk}-{row.order_id}@{host}",
        f"SEQUENCE:{row.moves + is_over}",
        f"DTSTAMP:{_utc(at)}",
        f"DTSTART:{_utc(row.starts_at)}",
        f"DTEND:{_utc(row.ends_at)}",
        f"SUMMARY:{_text(row.line.title)}",
        f"LOCATION:{_text(row.service.place(language))}",
        f"DESCRIPTION:{_text(f'{row.merchant.name} · {row.resource.name}')}",
        f"URL:{url}",
        "STATUS:" + ("CANCELLED" if is_over else "CONFIRMED"),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """Escape what has a meaning in the format."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """Break a line after 75 bytes at most, between characters."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > _LINE_BYTES - (len(parts) > 1):
            parts.append("")
            size = 0
        parts[-1] += character
        size += width
    return "\r\n ".join(parts)
