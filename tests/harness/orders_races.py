"""Every sequence again, committed: at the same time from two connections, crashed half-way, confirmed twice.

Afterwards the customer's rows are put back as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from tests.harness.orders_calls import (
    OK,
    Call,
    Session,
    in_words,
    last_code,
    make,
    open_session,
    press,
    run_tool,
    tool_call,
)
from tests.harness.orders_cases import Case, Outcome, Shop, judged, unexpected
from tests.harness.orders_restore import restored

# What may be done as often as one likes: the second time writes what is there already.
_REPEATABLE = ("order.set_address", "customer.set_address")


class _Crash(Exception):
    """The process died here."""


def run_twice_at_once(shop: Shop, case: Case) -> Outcome:
    """Make every call of the sequence from two connections at the same moment: of two one-shot acts one succeeds."""
    with restored(shop, case["customer"]), ThreadPoolExecutor(2) as pool:
        sessions = [open_session(shop.store, case["customer"]) for _ in range(2)]
        wrong: list[str] = []
        for place, (call, expected) in enumerate(zip(case["calls"], case["expect"]["errors"], strict=True)):
            codes = _both(shop, pool, sessions, call)
            wrong += [f"call {place}: {text}" for text in _not_once(call, codes, expected)]
        found, broken = judged(shop, case["expect"]["changes"], wrong, sessions)
    return found, broken


def run_crashed(shop: Shop, case: Case) -> Outcome:
    """Let the process die between proposal and confirmation, and again before the commit; then confirm."""
    with restored(shop, case["customer"]):
        session = open_session(shop.store, case["customer"])
        codes = [_crashed(session, call) for call in case["calls"]]
        return judged(shop, case["expect"]["changes"], unexpected(codes, case["expect"]["errors"]), [session])


def run_confirmed_twice(shop: Shop, case: Case) -> Outcome:
    """Press every card's button twice: the second press says so and does nothing."""
    with restored(shop, case["customer"]):
        session = open_session(shop.store, case["customer"])
        wrong: list[str] = []
        codes = []
        for call in case["calls"]:
            codes.append(_pressed_twice(session, call, wrong))
        wrong += unexpected(codes, case["expect"]["errors"])
        return judged(shop, case["expect"]["changes"], wrong, [session])


RACES: Mapping[str, Callable[[Shop, Case], Outcome]] = {
    "twice_at_once": run_twice_at_once,
    "crashed": run_crashed,
    "confirmed_twice": run_confirmed_twice,
}


def _both(shop: Shop, pool: ThreadPoolExecutor, sessions: Sequence[Session], call: Call) -> list[str]:
    start = Barrier(2)

    def one(session: Session) -> str:
        from django.db import connection

        from catalog.accounts.scoping import merchant_scope

        try:
            with merchant_scope(shop.store.merchant):
                start.wait(timeout=60)
                return make(session, call, confirmed=True)
        finally:
            connection.close()

    return list(pool.map(one, sessions))


def _not_once(call: Call, codes: Sequence[str], expected: Sequence[str]) -> list[str]:
    """Return what is wrong with the two outcomes of one call."""
    done = sum(code == OK for code in codes)
    if expected:
        return [f"done although it must be refused ({expected})"] if done else []
    if call["op"] in _REPEATABLE:
        return [] if done else [f"never done: {codes}"]
    return [] if done == 1 else [f"done {done} times: {codes}"]


def _crashed(session: Session, call: Call) -> str:
    """Propose; die; confirm and die before the commit; confirm."""
    if call["op"].startswith("customer."):
        return make(session, call, confirmed=True)
    result = run_tool(session, *_asked(session, call))
    if last_code(session) != "not_confirmed" or not result.cards:
        return last_code(session)
    _new_process()
    with _dying_before_the_commit():
        try:
            press(session, result)
        except _Crash:
            _new_process()
        else:
            return "the crash did not happen"
    press(session, result)
    code = last_code(session)
    return OK if code == "ok" else code


def _pressed_twice(session: Session, call: Call, wrong: list[str]) -> str:
    if call["op"].startswith("customer."):
        return make(session, call, confirmed=True)
    result = run_tool(session, *_asked(session, call))
    if last_code(session) != "not_confirmed" or not result.cards:
        return last_code(session)
    first = press(session, result)
    code = last_code(session)
    second = press(session, result)
    if first.outcome == "executed" and second.outcome != "used":
        wrong.append(f"the second press: {second.outcome}")
    return OK if code == "ok" else code


def _asked(session: Session, call: Call) -> tuple[str, dict[str, Any]]:
    session.say(in_words(call["args"]))
    return tool_call(call)


def _new_process() -> None:
    """Forget what a process keeps: its connection."""
    from django.db import connection

    connection.close()


@contextmanager
def _dying_before_the_commit() -> Iterator[None]:
    """Let the next execution raise after everything was written, right before its transaction ends."""
    from catalog.confirmations import log

    written = log.write

    def write_and_die(**fields: Any) -> Any:
        written(**fields)
        raise _Crash

    log.write = write_and_die
    try:
        yield
    finally:
        log.write = written
