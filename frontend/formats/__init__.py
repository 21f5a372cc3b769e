"""How dates are written, by locale; Django reads these modules by name (FORMAT_MODULE_PATH)."""
