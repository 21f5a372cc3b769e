"""A database that does not answer is said as what it is: 503, nothing lost, try again; never a bare error page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)
RETRY_AFTER_S = 2


class SaysWhatIsDown:
    """Middleware: turns the driver's "I cannot reach it" out of a view into an honest 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 when the database was away; whatever else went wrong is not ours."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("%s %s: the database does not answer: %s", request.method, request.path, exception)
        text = _("The shop's database does not answer. Nothing was lost; try again in a moment.")
        answer: HttpResponse
        if request.path.startswith("/api/"):
            answer = JsonResponse({"code": "database_down", "detail": text}, status=503)
        else:
            answer = HttpResponse(text, content_type="text/plain; charset=utf-8", status=503)
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
