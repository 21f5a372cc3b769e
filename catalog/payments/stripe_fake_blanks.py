"""The fields that Stripe always gives and the stand-in never fills; a test compares them with Stripe's own mock."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def _empty(*names: str) -> Body:
    return dict.fromkeys(names)


# fmt: off
SESSION: Body = {
    **_empty(
        "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret",
        "collected_information", "consent", "consent_collection", "currency_conversion", "customer_account",
        "discounts", "integration_identifier", "invoice", "invoice_creation", "managed_payments",
        "origin_context", "payment_link", "payment_method_collection", "payment_method_configuration_details",
        "permissions", "recovered_from", "setup_intent", "shipping_address_collection",
        "shipping_cost", "submit_type", "subscription",
    ),
    "adaptive_pricing": {"enabled": False},
    "payment_method_options": {},
    "phone_number_collection": {"enabled": False},
    "wallet_options": {},
}
PAYMENT_INTENT: Body = {
    **_empty(
        "allowed_payment_method_types", "application", "application_fee_amount", "automatic_payment_methods",
        "canceled_at", "cancellation_reason", "client_secret", "customer", "customer_account", "description",
        "excluded_payment_method_types", "last_payment_error", "managed_payments", "next_action", "on_behalf_of",
        "payment_method", "payment_method_configuration_details", "processing", "receipt_email", "review",
        "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
        "transfer_group",
    ),
    "amount_details": {},
    "payment_method_options": {},
}
CHARGE: Body = {
    **_empty(
        "application", "application_fee", "application_fee_amount", "balance_transaction",
        "calculated_statement_descriptor", "customer", "description", "failure_balance_transaction", "failure_code",
        "failure_message", "on_behalf_of", "outcome", "payment_method", "payment_method_details", "receipt_email",
        "receipt_number", "receipt_url", "review", "shipping", "source_transfer", "statement_descriptor",
        "statement_descriptor_suffix", "transfer_data", "transfer_group",
    ),
    "fraud_details": {},
}
REFUND: Body = _empty(
    "balance_transaction", "customer", "customer_account", "destination_details", "payment_method", "receipt_number",
    "source_transfer_reversal", "transfer_reversal",
)
CARD: Body = {
    **_empty("generated_from", "regulated_status", "wallet"),
    "brand": "visa",
    "checks": _empty("address_line1_check", "address_postal_code_check", "cvc_check"),
    "country": "US",
    "display_brand": "visa",
    "exp_month": 12,
    "fingerprint": None,
    "funding": "credit",
    "networks": {"available": ["visa"], "preferred": None},
    "three_d_secure_usage": {"supported": True},
}
DISPUTE: Body = _empty("payment_method_details")
LINE: Body = _empty("adjustable_quantity", "metadata")
PRICE: Body = {
    **_empty(
        "custom_unit_amount", "lookup_key", "nickname", "recurring", "tiers_mode", "transform_quantity",
    ),
    "active": False,  # made for this one line, as Stripe makes it of `price_data`
    "billing_scheme": "per_unit",
    "livemode": False,
    "metadata": {},
    "object": "price",
    "tax_behavior": "unspecified",
    "type": "one_time",
}
# fmt: on
