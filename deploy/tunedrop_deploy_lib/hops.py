"""The hops that the self-test follows, each with why it usually stays silent and where to look then.

Knows the flow; tries nothing.
"""

from dataclasses import dataclass

from tunedrop_deploy_lib.gcloud import shell_line
from tunedrop_deploy_lib.names import Names


class SilentError(Exception):
    """A hop did not answer, or not as it should; says what was found instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One way from somebody to somebody else.

    Attributes:
        title: From whom to whom, for people.
        usually: Why it usually stays silent.
        function: The function that acts, by its part of the deployed name; none for the upload.
        after: The hop without which this one cannot be tried.
    """

    title: str
    usually: str
    function: str = ""
    after: "Hop | None" = None


UPLOAD = Hop(
    title="upload into the intake bucket",
    usually="you may not add objects to the intake bucket; ask to be named in people.uploaders",
)
RECEIPT = Hop(
    title="finalize event to validator to receipt",
    usually=(
        "the trigger is younger than two minutes, Cloud Storage's account may not publish, the trigger's account may "
        "not call the function, or you may not read the ledger; verify tells which"
    ),
    function="finalized",
    after=UPLOAD,
)
REHEARSAL = Hop(
    title="launch request to launcher to would-be request",
    usually=(
        "the push account may not call the launcher, or the launcher may not write to runs/; verify tells which"
    ),
    function="launches",
    after=RECEIPT,
)
SERVICE = Hop(
    title="launcher to Vertex AI",
    usually="the API aiplatform is not enabled, or the launcher lacks its custom role; verify tells which",
    function="launches",
    after=REHEARSAL,
)
TICK = Hop(
    title="scheduler to status to sweep",
    usually=(
        "the scheduler's account may not publish on job-events, the job is paused, or you may not run it "
        "(cloudscheduler.jobs.run) or read the state bucket"
    ),
    function="job-events",
    after=REHEARSAL,
)
REQUEST = Hop(
    title="request message to validator",
    usually=(
        "you may not publish on requests (ask to be named in people.requesters), or the push account may not call "
        "the function"
    ),
    function="requests",
    after=UPLOAD,
)
CONTROL = Hop(
    title="control message to status",
    usually=(
        "you may not publish on control (ask to be named in people.operators), or the push account may not call "
        "the function"
    ),
    function="control",
)
PAGE = Hop(
    title="run to page",
    usually="the launcher or status may not write to the reports bucket, or you may not read it",
    function="launches",
    after=REHEARSAL,
)
HOPS = (UPLOAD, RECEIPT, REHEARSAL, SERVICE, TICK, REQUEST, CONTROL, PAGE)


def look_line(names: Names, hop: Hop) -> str:
    """The gcloud line that shows what the hop's function logged within the hour."""
    if not hop.function:
        bucket = f"gs://{names.bucket('intake')}"
        return shell_line(("storage", "buckets", "get-iam-policy", bucket, names.project_flag))
    service = f"{names.deployment}-{hop.function}"
    query = f'resource.type="cloud_run_revision" AND resource.labels.service_name="{service}"'
    flags = ("--freshness=1h", "--limit=20", names.project_flag)
    return shell_line(("logging", "read", query, *flags))
