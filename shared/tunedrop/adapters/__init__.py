"""Google's clients behind our ports: one service a module, each importable without the others."""
