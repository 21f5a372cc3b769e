"""Many threads at once, against the real database."""
