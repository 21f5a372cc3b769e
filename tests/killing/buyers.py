"""Shoppers who buy, one purchase after another, and insist: what got no answer is asked again."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

MERCHANT, CREATOR = "meis-shelf", "mei"
_PATIENCE_S = 600.0
_ADDRESS = {"recipient": "Ann Lee", "line1": "12 Canal Street", "city": "Taipei", "postal_code": "106", "country": "TW"}


class GaveUp(AssertionError):
    """A step got no good answer for minutes."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase as its shopper remembers it. `total_minor` is what the shop said it costs."""

    reference: str
    variant_id: int
    total_minor: int
    cancelled: bool


@dataclass(slots=True)
class Books:
    """What all shoppers remember."""

    purchases: list[Purchase] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, purchase: Purchase) -> None:
        """Keep a purchase."""
        with self.lock:
            self.purchases.append(purchase)


class Buyer(threading.Thread):
    """A thread of shoppers. `step` names what waits for an answer now; `error` is why it ended early."""

    def __init__(self, origin: str, variant_ids: Sequence[int], books: Books, *, seed: int) -> None:
        super().__init__(name=f"buyer-{seed}", daemon=True)
        self._origin, self._variant_ids, self._books = origin, variant_ids, books
        self._chance = random.Random(seed)
        self._stopping = threading.Event()
        self.step = ""
        self.error = ""

    def stop(self) -> None:
        """Finish the purchase that has begun, and end."""
        self._stopping.set()

    def run(self) -> None:
        """Buy until told to stop."""
        try:
            while not self._stopping.is_set():
                self._buy()
        except Exception as error:
            self.error = f"{self.step}: {error!r}"

    def _buy(self) -> None:
        with httpx.Client(base_url=self._origin, timeout=60, headers={"Accept-Language": "en"}) as http:
            shop = f"/api/v1/shops/{MERCHANT}/"
            token = self._insist("arrive", lambda: http.post(f"{shop}shoppers/", json={"language": "en"})).json()
            http.headers["Authorization"] = f"Shopper {token['token']}"
            opening = {"creator": CREATOR, "surface": "direct", "place": "", "language": "en"}
            opened = self._insist("conversation", lambda: http.post(f"{shop}conversations/", json=opening)).json()
            self._insist("address", lambda: http.put(f"{shop}address/", json=_ADDRESS))
            variant_id = self._chance.choice(self._variant_ids)
            cart = self._filled_cart(http, f"{shop}cart/", variant_id, f"conversation:{opened['conversation']}")
            seen = {"cart": cart["cart_id"], "version": cart["version"]}
            checkout = self._insist("checkout", lambda: http.post(f"{shop}checkout/", json=seen)).json()
            order = f"{shop}orders/{checkout['order']['reference']}/"
            self._pay(http, checkout["pay_url"])
            cancels = self._chance.random() < 0.3
            if cancels:
                self._cancel(http, order)
            total = checkout["order"]["totals"]["total"]["minor"]
            self._books.add(Purchase(checkout["order"]["reference"], variant_id, total, cancels))
        self.step = ""

    def _filled_cart(self, http: httpx.Client, path: str, variant_id: int, source_ref: str) -> dict[str, Any]:
        """Put one unit into the cart; who got no answer looks into the cart before pressing again."""
        line = {"variant": variant_id, "quantity": 1, "creator": CREATOR, "source_ref": source_ref}

        def add() -> httpx.Response:
            there = http.get(path)
            if there.is_success and not there.json()["count"]:
                http.post(f"{path}lines/", json=line).raise_for_status()
                there = http.get(path)
            return there

        cart: dict[str, Any] = self._insist("cart", add).json()
        return cart

    def _pay(self, http: httpx.Client, pay_url: str) -> None:
        def pay() -> httpx.Response:
            page = http.get(pay_url)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            if token is None:  # no form any more: it is paid
                return page
            pressed = {"act": "pay", "csrfmiddlewaretoken": token[1]}
            return http.post(pay_url, data=pressed, headers={"Referer": pay_url})

        self._insist("pay", pay, accept=(302,))

    def _cancel(self, http: httpx.Client, order: str) -> None:
        def cancel() -> httpx.Response:
            asked = http.post(f"{order}cancel/", json={"reason": "changed my mind"})
            return asked if asked.status_code != 409 else self._only_if_cancelled(http.get(order))

        self._insist("cancel", cancel)

    def _only_if_cancelled(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success and answer.json()["state"] != "cancelled":
            raise httpx.TransportError(f"the order is {answer.json()['state']}")
        return answer

    def _insist(self, step: str, call: Callable[[], httpx.Response], accept: Sequence[int] = ()) -> httpx.Response:
        """Ask until there is a good answer; a refusal (4xx) is an error of the shop here."""
        self.step = step
        until, told = time.monotonic() + _PATIENCE_S, ""
        while time.monotonic() < until:
            try:
                answer = call()
            except (httpx.TransportError, httpx.HTTPStatusError) as error:
                told = repr(error)
            else:
                if answer.is_success or answer.status_code in accept:
                    return answer
                told = f"{answer.status_code}: {answer.text[:300]}"
                if answer.status_code < 500:
                    break
            time.sleep(0.2)
        raise GaveUp(f"{step}: {told}")
