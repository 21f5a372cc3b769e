"""Waiting for what a page measures, where nothing on it can be expected by its role or text."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

PATIENCE_MS = 20_000  # for what takes a tenth of a second on a machine that does nothing else
_STEP_MS = 50


def be_patient(page: Page) -> None:
    """Let a page have PATIENCE_MS for everything: on a busy machine a shorter time says how busy it is."""
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)


def wait_until_true(page: Page, expression: str, *, timeout_ms: int = PATIENCE_MS) -> None:
    """Wait until a JavaScript expression is true on the page.

    Page.wait_for_function evaluates a string inside the page again and again, which the pages' own content security
    policy forbids: it fails whenever the first look is not the last.
    """
    until = time.monotonic() + timeout_ms / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"still not true after {timeout_ms} ms: {expression}"
        page.wait_for_timeout(_STEP_MS)
