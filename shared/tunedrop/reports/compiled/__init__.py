"""The templates compiled; written by docs/generate.py, and not used once a template has changed."""

MADE_OF = "b7ec5ae1913f82b7"
