"""Explains whether a project is fit for tunedrop: what is looked at, and what each thing found means.

`looks` says what to read, `google_project` reads it, the other modules judge; nothing here changes anything.
"""
