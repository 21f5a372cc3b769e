"""The order desk: what may be done with an order after paying, each rule in code, below any model."""
