"""The one way in for tool calls and for a shopper's yes: each is checked, carried out at most once, and put on record.

The buttons of cards stand in `buttons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.confirmations import log
from catalog.confirmations import services as confirmations
from catalog.confirmations.errors import AlreadyUsed, ConfirmationError, Expired, SubjectChanged
from catalog.confirmations.models import PendingAction, ToolCallKind
from catalog.orders.errors import CartChanged, OrderError
from catalog.payments.errors import PaymentError
from tools.buttons import ButtonResult, act, save_address
from tools.context import ToolContext
from tools.operations import OPERATIONS, ConfirmedBy, Executed, Outcome
from tools.record import Record, recording
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import Tool

__all__ = ["ButtonResult", "Executed", "Outcome", "act", "call", "execute", "save_address"]


async def call(*, ctx: ToolContext, tool: Tool, arguments: Mapping[str, Any]) -> ToolResult:
    """Run a tool as the model asked, and put it on record: arguments, where they come from, what came of it."""
    with recording() as record:
        try:
            result = await tool.call(ctx, arguments)
        except Exception:
            record.code = record.code or "failed"
            await in_shop(ctx, _write_call, tool=tool, arguments=arguments, record=record)
            raise
    record.code = record.code or result.error or log.OK
    await in_shop(ctx, _write_call, tool=tool, arguments=arguments, record=record)
    return result


def _write_call(
    merchant: Merchant, ctx: ToolContext, *, tool: Tool, arguments: Mapping[str, Any], record: Record
) -> None:
    log.write(
        merchant=merchant,
        session=ctx.session,
        shopper_id=ctx.shopper_id,
        kind=ToolCallKind.PROPOSAL if tool.writes else ToolCallKind.READ,
        tool=tool.name,
        arguments=arguments,
        code=record.code,
        subject=record.subject,
        provenance=record.provenance,
        shown=record.shown,
        action_id=record.action_ref,
    )


async def execute(*, ctx: ToolContext, action_id: str, accept: bool, confirmed_by: ConfirmedBy = "button") -> Executed:
    """Carry out or decline what was proposed, as the shopper of `ctx` in its session answered; at most once.

    Args: `confirmed_by` tells how he answered: the card's button, or an exact yes that code read in his own message.
    """
    return await in_shop(ctx, _execute, action_id=action_id, accept=accept, confirmed_by=confirmed_by)


def _execute(
    merchant: Merchant, ctx: ToolContext, *, action_id: str, accept: bool, confirmed_by: ConfirmedBy
) -> Executed:
    try:
        action = confirmations.lookup(action_id=action_id, session=ctx.session, shopper_id=ctx.shopper_id)
    except ConfirmationError as error:
        return Executed(outcome="failed", text=error.message, at=timezone.now(), error=error.code)
    try:
        if not accept:
            return _decline(merchant, ctx, action, confirmed_by)
        return _carry_out(merchant, ctx, action, confirmed_by)
    except (ConfirmationError, OrderError, PaymentError) as error:
        _record(merchant, ctx, action, kind=ToolCallKind.EXECUTION, code=error.code, confirmed_by=confirmed_by)
        return _refused(merchant, ctx, action, error)


def _decline(merchant: Merchant, ctx: ToolContext, action: PendingAction, confirmed_by: ConfirmedBy) -> Executed:
    with transaction.atomic():
        confirmations.decline(action_id=action.pk, session=ctx.session, shopper_id=ctx.shopper_id)
        _record(merchant, ctx, action, kind=ToolCallKind.DECLINE, code=log.OK, confirmed_by=confirmed_by)
    text = str(OPERATIONS[action.operation].declined_text)
    return Executed(outcome="declined", text=text, at=timezone.now())


def _carry_out(merchant: Merchant, ctx: ToolContext, action: PendingAction, confirmed_by: ConfirmedBy) -> Executed:
    """Claim, run and record in one transaction: when the run fails the claim is given back, and may be tried again."""
    operation = OPERATIONS[action.operation]
    operation.prepare(ctx, action)
    with transaction.atomic():
        claimed = confirmations.claim(
            action_id=action.pk,
            session=ctx.session,
            shopper_id=ctx.shopper_id,
            subject_version=operation.version(ctx, action),
        )
        done = operation.run(merchant, ctx, claimed)
        _record(merchant, ctx, action, kind=ToolCallKind.EXECUTION, code=log.OK, confirmed_by=confirmed_by)
    return operation.finish(merchant, ctx, done)


def _refused(
    merchant: Merchant, ctx: ToolContext, action: PendingAction, error: ConfirmationError | OrderError | PaymentError
) -> Executed:
    """Say why nothing was done, beside what the proposal was about as it is now."""
    now, operation = timezone.now(), OPERATIONS[action.operation]
    if isinstance(error, Expired):
        return Executed(outcome="expired", text=error.message, at=now)
    if isinstance(error, AlreadyUsed):
        action.refresh_from_db()
        at = action.claimed_at or action.declined_at or now
        cards = operation.after(merchant, ctx, action) if action.claimed_at else ()
        return Executed(outcome="used", text=error.message, at=at, cards=cards)
    cards = operation.show(merchant, ctx, action)
    if isinstance(error, SubjectChanged | CartChanged):
        return Executed(outcome="changed", text=error.message, at=now, cards=cards)
    told = error.told_code if isinstance(error, OrderError) else error.code
    return Executed(outcome="failed", text=error.message, at=now, cards=cards, error=told)


def _record(
    merchant: Merchant,
    ctx: ToolContext,
    action: PendingAction,
    *,
    kind: ToolCallKind,
    code: str,
    confirmed_by: ConfirmedBy,
) -> None:
    log.write(
        merchant=merchant,
        session=ctx.session,
        shopper_id=ctx.shopper_id,
        kind=kind,
        tool=action.operation,
        arguments={name: value for name, value in action.arguments.items() if name != "mark"},
        code=code,
        subject=str(action.arguments.get("order_number") or action.subject),
        confirmed_by=confirmed_by if code == log.OK else "",
        action_id=action.pk,
    )
