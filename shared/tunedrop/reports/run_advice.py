"""The codes that a run's steps carry, in words: what each means, and what is to be done about it.

A table and nothing else; a code without a row is shown as it is.
"""

from collections.abc import Mapping

_UPLOAD = "A dataset or a recipe that has changed is a run of its own: upload the dataset again."

WAITS: Mapping[str, tuple[str, str]] = {
    "no_slot": (
        "As many jobs as the deployment runs at once are running, or it is not its turn.",
        "Nothing to do: it is launched as soon as there is room for it.",
    ),
    "daily_budget": (
        "The money that the deployment may spend in a day is spent for today.",
        (
            "Nothing to do: it is launched when the next day begins, in UTC. An operator can raise"
            " max_usd_per_day."
        ),
    ),
    "paused": (
        "Launches are paused.",
        "It is launched once an operator resumes them.",
    ),
    "backing_off": (
        "The service refused it a short while ago.",
        "Nothing to do: the launch is tried again by itself, at growing intervals.",
    ),
    "quota_exhausted": (
        "A quota of the service is used up.",
        (
            "Nothing to do: the launch is tried again by itself, at growing intervals. If it never"
            " gets through, ask for more of the quotas that the plan below names."
        ),
    ),
    "access_denied": (
        "tunedrop's own service account lacks a permission.",
        "An operator has to grant it; the launch is then tried again by itself.",
    ),
}
"""Why a run is in the queue. One that somebody approved or retried waits for no fault and has no row."""

HOLDS: Mapping[str, str] = {
    "over_budget": "Its estimated price is above what a run may cost without an approval.",
    "over_daily_budget": (
        "Its estimated price alone is above what the deployment may spend in a day."
    ),
    "price_unknown": "Its price is not known, and unknown is not zero.",
    "burst": "Too many new runs of its recipe came within an hour.",
}
"""Why somebody has to approve a run."""

ENDS: Mapping[str, tuple[str, str]] = {
    "launch_refused": (
        "Vertex AI refused the request for good; no job was created.",
        f"Change what the message names, in the recipe or in the deployment. {_UPLOAD}",
    ),
    "job_id_taken": (
        "Another job, which is not this run's, has the job id of this attempt.",
        "Look at that job in the project; a further attempt takes another id.",
    ),
    "launch_not_found": (
        "The launch names something that does not exist, such as a template or a base model.",
        f"Check base_model, template and region in the recipe. {_UPLOAD}",
    ),
    "launch_timeout": (
        "It could not be found out in time whether the launch had made a job.",
        "See whether the service answers again, and look in the project for a job of this run.",
    ),
    "waited_too_long": (
        "It waited for its turn for longer than the deployment lets runs wait.",
        (
            "See what filled the queue, and whether the deployment should run more jobs at once"
            " or spend more in a day."
        ),
    ),
    "job_failed": (
        "The tuning job failed.",
        f"Read the message and the job's own log, and mend what they name. {_UPLOAD}",
    ),
    "no_tuned_model": (
        "The job says that it succeeded, and names no tuned model.",
        (
            "Look at the job in the project: a model may lie in its model registry all the same."
            f" Otherwise change the recipe. {_UPLOAD}"
        ),
    ),
    "stale_model": (
        (
            "The job handed back a tuned model that is older than the job itself, or another run's:"
            " its pipeline answered from a cache, and nothing was trained on this dataset."
        ),
        (
            "A retry gives the model another name, which is a parameter of the pipeline; if a cache"
            " answers that as well, turn caching off in the pipeline's template."
        ),
    ),
    "job_expired": (
        "The job expired before it could end.",
        f"Make the dataset or the number of epochs smaller. {_UPLOAD}",
    ),
    "job_deleted": (
        "Somebody deleted the job before it ended.",
        "If that was not meant, find out who did.",
    ),
    "deadline_exceeded": (
        "The job took far longer than expected and was asked to stop.",
        "Look at the job for what it waited for: a quota, most often.",
    ),
    "job_cancelled": ("The job was cancelled.", "Nothing, unless it is to be tuned after all."),
    "cancelled": (
        "Somebody cancelled the run.",
        "Nothing, unless it is to be tuned after all.",
    ),
    "refused": (
        "Somebody refused the run; nothing was spent.",
        f"Make it cheaper, or settle with them what it may cost. {_UPLOAD}",
    ),
    "hold_expired": (
        "Nobody approved or refused the run in time; nothing was spent.",
        "Settle with an operator what it may cost.",
    ),
    "superseded": (
        "A newer dataset took its place while it waited: its recipe keeps the newest only.",
        "Nothing, unless this one is to be tuned after all: then drop it again.",
    ),
    "load_timeout": (
        "The job made a tuned model, but it answered no call in time.",
        "Look at its endpoint in the project: the model is kept, and may yet come up.",
    ),
    "load_failed": (
        "The job made a tuned model, but it could not be served, or did not answer a call.",
        (
            "The model is kept in the model registry of the project: deploy it there by hand and"
            " ask it a question."
        ),
    ),
}
"""How a run ended without a tuned model that can be called."""

NOTES: Mapping[str, tuple[str, str]] = {
    "job_paused": (
        "Somebody or something paused the job.",
        "Let it go on in the project's console, or cancel the run; at its deadline it is cancelled.",
    ),
    "job_state_unknown": (
        "The job is in a state that this version of tunedrop does not know.",
        (
            "Look at the job in the project. It is looked at again by every sweep, and cancelled at"
            " its deadline; a newer version of tunedrop may know the state."
        ),
    ),
    "job_goes_on": (
        "The job goes on.",
        "Nothing to do.",
    ),
}
"""What a job does that has not ended, where it is more than running."""

UNKNOWN = (
    "It came to this for a reason that this page has no words for.",
    "Look at the job and at the functions' logs under the code.",
)
