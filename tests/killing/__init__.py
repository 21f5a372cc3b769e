"""kill -9 at random moments, over the shop's real processes: afterwards nothing is lost and nothing happened twice."""
