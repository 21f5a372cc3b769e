"""PostgreSQL and Redis go away under the shop's real processes, and come back."""
