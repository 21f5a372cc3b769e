"""Waiting for what a page measures, where nothing on it can be expected by its role or text."""

from __future__ import annotations

import time

from playwright.sync_api import Page

_STEP_MS = 50


def wait_until_true(page: Page, expression: str, *, timeout_ms: int = 5000) -> None:
    """Wait until a JavaScript expression is true on the page.

    Page.wait_for_function evaluates a string inside the page again and again, which the pages' own content security
    policy forbids: it fails whenever the first look is not the last.
    """
    until = time.monotonic() + timeout_ms / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"still not true after {timeout_ms} ms: {expression}"
        page.wait_for_timeout(_STEP_MS)
