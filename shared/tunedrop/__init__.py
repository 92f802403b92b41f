"""Drop a JSONL into a bucket, get a tuned model."""

__version__ = "0.1.0"
