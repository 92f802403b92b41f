"""The local cloud: servers that speak the real protocols on loopback, and what wires them."""
