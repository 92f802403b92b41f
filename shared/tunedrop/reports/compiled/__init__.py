"""The templates compiled; written by docs/generate.py, and not used once a template has changed."""

MADE_OF = "216bcd31fe89b84b"
