"""A tuned model as calling code names it: its endpoint, where its calls go, and the body of a question to it.

Writes no code and calls nothing.
"""

from typing import Any

from msgspec import Struct

from tunedrop.config import Settings
from tunedrop.domain.formats import Example, Format, Turn, predict_instance
from tunedrop.domain.hosts import host_of, location_of


class Target(Struct, frozen=True):
    """An endpoint and where its calls go."""

    endpoint: str
    location: str
    project: str
    dataset_format: Format
    emulator: str
    """`host:port` of the local cloud's gRPC face; empty for Google's own."""
    emulator_rest: str
    context: str | None
    """What the model was tuned under; None if under nothing."""

    @property
    def root(self) -> str:
        """Scheme and host of REST calls."""
        return (
            f"http://{self.emulator_rest}" if self.emulator else f"https://{host_of(self.location)}"
        )

    @property
    def is_gemini(self) -> bool:
        """Whether the model answers `generateContent` rather than `predict`."""
        return self.dataset_format is Format.GEMINI


def target_of(
    settings: Settings, endpoint: str, project: str, dataset_format: str, context: str | None
) -> Target:
    """Look up where a model's calls go.

    Raises:
        ValueError: The endpoint's name holds no location.
    """
    return Target(
        endpoint,
        location_of(endpoint),
        project,
        Format(dataset_format),
        emulator=settings.vertex_emulator_host,
        emulator_rest=settings.vertex_emulator_rest_host,
        context=context,
    )


def body_of(target: Target, question: str) -> dict[str, Any]:
    """A question in the shape, and under the context, of the rows that the model was tuned on."""
    example = Example(turns=(Turn("user", question),), context=target.context)
    return predict_instance(example, target.dataset_format)
