"""The templates compiled; written by docs/generate.py, and not used once a template has changed."""

MADE_OF = "16617a158891f3d5"
