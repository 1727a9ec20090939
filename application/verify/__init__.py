"""Whether what is kept agrees with itself: the stock, the orders and the read model against the events."""
