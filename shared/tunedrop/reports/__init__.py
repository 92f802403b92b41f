"""Pages and their data for people: rendered from records, written to REPORTS."""
