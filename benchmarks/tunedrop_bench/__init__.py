"""Measures the checker against other ways to do its work; nothing of the project imports it."""
