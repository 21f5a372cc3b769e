"""Catalog is the shop: what is sold and how it is bought."""
