"""What the deploy tool raises when it has to stop; every message says what to do next.

Knows no gcloud and no configuration.
"""


class DeployError(Exception):
    """The tool stops; the message is for the person who runs it."""


class ConfigError(DeployError):
    """The configuration is not usable.

    Attributes:
        faults: One sentence per fault, each with the field, what was expected and the remedy.
    """

    def __init__(self, file: str, faults: list[str]) -> None:
        super().__init__(
            f"{file}: {len(faults)} to correct\n" + "\n".join(f"  {f}" for f in faults)
        )
        self.faults = faults


class GcloudError(DeployError):
    """A gcloud command failed.

    Attributes:
        stderr: What gcloud said.
    """

    def __init__(self, message: str, stderr: str) -> None:
        super().__init__(message)
        self.stderr = stderr


class RefusedError(DeployError):
    """Something stands in the way that only a person may change."""
