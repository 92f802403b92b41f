"""Everything tunedrop raises on purpose, split by one question: could this same delivery succeed later?

TunedropError
├─ PermanentError                 the delivery itself is at fault: recorded, then acknowledged
│  ├─ MalformedEventError         an event or message lacks what its type promises
│  ├─ RefusedError                a rule or an allow-list of the deployment says no
│  ├─ RecipeError                 a recipe, or overrides of one, cannot be used
│  ├─ ConflictError               a record holds something else under the same key
│  └─ UsageError                  the caller asked for what cannot be done (command line)
└─ RetryableError                 we or the world are at fault: raised, so that it is delivered again
   ├─ UpstreamUnavailableError    a service did not answer, or answered that it cannot just now
   ├─ QuotaExhaustedError         a service answered that a quota is used up
   ├─ AccessDeniedError           our own identity may not do what it must
   ├─ ConfigError                 the deployment's settings are missing or wrong
   ├─ BusyError                   somebody else holds the record and may still finish it
   └─ OutOfTimeError              the handler's time was up before it was done

FencedError means that another worker took the step first: nothing was changed, and there is nothing to do.
CorruptRecordError means that a record of ours cannot be read; a person has to look at it.
The four of the ports (NotFoundError, PreconditionFailedError, AlreadyExistsError, InvalidRequestError) say
what a service answered; handlers decide what each one means.
"""

from collections.abc import Sequence

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One thing wrong with a recipe, a message or a request, in four parts."""

    where: str
    """File and line, or the dotted field: `recipe.toml: tuning.epochs`."""
    expected: str
    found: str
    remedy: str
    """What to do next, as an instruction."""
    code: str = "invalid_value"
    """Stable snake_case name of the kind of problem."""

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}; {self.remedy}"


class TunedropError(Exception):
    """Base of everything that tunedrop raises on purpose."""

    code: str = "error"
    """Stable snake_case outcome code, for records and logs."""


class PermanentError(TunedropError):
    """The delivery is at fault and will be on every repeat."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class MalformedEventError(PermanentError):
    """An event or a message lacks a usable field that its type promises."""

    code = "malformed_event"


class RefusedError(PermanentError):
    """A rule or an allow-list of the deployment forbids what was asked."""

    code = "not_allowed"


class ConflictError(PermanentError):
    """The record under this key holds something else."""

    code = "conflict"


class UsageError(PermanentError):
    """The caller asked for what cannot be done."""

    code = "usage"


class RecipeError(PermanentError):
    """A recipe, or the overrides of one, cannot be used; carries every problem found."""

    code = "recipe_invalid"

    def __init__(self, problems: Sequence[Problem], *, code: str | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), code=code)
        self.problems = tuple(problems)


class RetryableError(TunedropError):
    """The same delivery may succeed later."""

    code = "retry"


class UpstreamUnavailableError(RetryableError):
    """A service did not answer, or answered that it cannot at the moment."""

    code = "upstream_unavailable"


class QuotaExhaustedError(RetryableError):
    """A service answered that a quota is used up."""

    code = "quota_exhausted"


class AccessDeniedError(RetryableError):
    """Our own identity lacks a permission; an operator can mend it."""

    code = "access_denied"


class ConfigError(RetryableError):
    """The deployment's settings are missing or wrong; all faults are named together."""

    code = "config_invalid"


class BusyError(RetryableError):
    """Another worker holds this record and may still finish it."""

    code = "busy"


class OutOfTimeError(RetryableError):
    """The handler's time was up; what is recorded stands, and the next delivery goes on from there."""

    code = "out_of_time"


class FencedError(TunedropError):
    """Another worker took this step first; nothing was changed."""

    code = "fenced"


class CorruptRecordError(TunedropError):
    """A record in the ledger is not what its place promises."""

    code = "corrupt_record"


class ServiceAnswerError(TunedropError):
    """Base of what a service can answer about one resource."""


class NotFoundError(ServiceAnswerError):
    """The named resource does not exist."""

    code = "not_found"


class PreconditionFailedError(ServiceAnswerError):
    """A generation precondition did not hold."""

    code = "precondition_failed"


class AlreadyExistsError(ServiceAnswerError):
    """The id is taken."""

    code = "already_exists"


class InvalidRequestError(ServiceAnswerError):
    """The service refused the request for good and said why."""

    code = "invalid_request"

    def __init__(self, message: str, *, violations: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.violations = tuple(violations)
