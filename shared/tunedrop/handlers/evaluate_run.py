"""Holds a tuned model against its base model and its recipe's champion, on rows that it never saw.

Bounded: each look asks a few questions, writes the answers once, and asks for the next look.
"""

from tunedrop.domain.runs import Run
from tunedrop.services import Services, Vertex


def begin(services: Services, vertex: Vertex, run: Run) -> Run:
    """Say what a registered model is held against; a run with nothing to ask stays as it is."""
    return run


def go_on(services: Services, vertex: Vertex, run: Run) -> Run:
    """Ask the next questions; after the last one, judge."""
    return run
