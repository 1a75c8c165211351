"""How far a transfer order has come."""

# Nothing was paid by it, and its payment may get a fresh order.
CLOSED = ("refused", "failed", "cancelled")
