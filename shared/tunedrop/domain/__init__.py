"""The rules: pure functions and plain values, kept from every SDK, clock and environment."""
