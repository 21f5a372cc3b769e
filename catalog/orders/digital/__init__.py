"""Goods that are files: granted with the payment, fetched by a signed link, taken back with the money."""
