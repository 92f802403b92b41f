"""The templates compiled; written by docs/generate.py, and not used once a template has changed."""

MADE_OF = "cd83f01e04bb73cb"
