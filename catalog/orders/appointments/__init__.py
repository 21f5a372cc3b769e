"""Services that are booked for a time: free times, holding them with an order, moving and cancelling."""
