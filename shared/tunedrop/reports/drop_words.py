"""What is said about a drop in words: its outcome in a line, and what happens next.

Decides nothing; every outcome is somebody else's and is only explained here.
"""

from typing import Any

from tunedrop.config import Settings
from tunedrop.domain import naming
from tunedrop.domain.formats import Format
from tunedrop.domain.runs import RETRYABLE, SERVED, RunState
from tunedrop.reports.check_view import rejection_of
from tunedrop.reports.mending import FIXED_FILE, advice_for, command, local_file
from tunedrop.reports.views import Part
from tunedrop.reports.words import duration, number, usd

_HEADLINES = {
    "accepted": ("Accepted. Its tuning run is on its way.", "good"),
    "rehearsed": ("Accepted. Its run is rehearsed, and not launched.", "good"),
    "tuned_before": ("Accepted. The same was tuned before.", "good"),
    "ended_before": ("Accepted. Its run had ended before.", "plain"),
    "rejected": ("Rejected. Nothing was launched.", "bad"),
    "waiting_for_recipe": ("Waiting for a recipe.", "wait"),
    "waiting_for_evaluation": ("Waiting for the evaluation file.", "wait"),
    "superseded": ("Superseded. This copy was not checked.", "plain"),
    "recipe_accepted": ("The recipe is good.", "good"),
    "recipe_rejected": ("The recipe cannot be used.", "bad"),
    "evaluation_file": ("Kept as an evaluation file.", "good"),
    "ignored_not_a_dataset": ("Ignored. The name is not a dataset's.", "plain"),
}
_NEXT, _TO_DO = "What happens next", "What to do"
_TEXTS = {
    "accepted": (
        "The run's page says how the tuning goes, and in the end how to call the tuned model."
    ),
    "rehearsed": "The run's page says what would have been launched; no job is created.",
    "tuned_before": (
        "The same rows under the same recipe are one run, which has its model already: its page says"
        " how to call it. To tune anew, change a row or a setting."
    ),
    "ended_before": (
        "The same rows under the same recipe are one run, and dropping them again starts nothing."
        " Its page says how it ended; this command goes on with it, and says first what that costs."
    ),
    "recipe_rejected": (
        "Correct what is listed and upload the recipe again under the same name;"
        " datasets that wait for it are then looked at again by themselves."
    ),
    "evaluation_file": (
        "It is never trained on. A recipe beside it can name it as evaluation.dataset;"
        " datasets that wait for it are looked at again by themselves."
    ),
    "ignored_not_a_dataset": (
        f"Datasets are read from names that end in {', '.join(naming.DATASET_SUFFIXES)};"
        f" recipes from {naming.RECIPE_FILE}; evaluation files from names that end in"
        f" {naming.EVALUATION_SUFFIX}. If it is one of these, upload it again under such a name."
    ),
}
_NOTHING_MORE = "Nothing more happens with this object; a later upload gets an answer of its own."
"""What a recipe in the bucket's root is called."""
_EXAMPLE_BASE_MODEL = "gemini-3.5-flash"


def is_rehearsal(verdict: Part) -> bool:
    """Whether the run that a verdict asks for is only rehearsed."""
    return naming.is_rehearsal(str((verdict.get("recipe") or {}).get("name", "")))


def is_launched(receipt: Part, verdict: Part) -> bool:
    """Whether a launch follows."""
    return _told(receipt, verdict) == "accepted"


def headline_of(receipt: Part, verdict: Part) -> tuple[str, str]:
    """The outcome in a line, and its tone: `good`, `bad`, `wait` or `plain`."""
    outcome = str(receipt["outcome"])
    if outcome == "accepted" and not verdict:
        return "Accepted.", "good"
    return _HEADLINES.get(_told(receipt, verdict), (f"Recorded as {outcome}.", "plain"))


def summary_of(receipt: Part, verdict: Part) -> str:
    """The outcome's own figures in a sentence; empty where the headline says it all."""
    match receipt["outcome"]:
        case "accepted" if verdict.get("plan") and not _told(receipt, verdict).endswith("_before"):
            return _price_and_time(verdict)
        case "rejected":
            return _first_fault(str(receipt.get("code", "")), verdict)
    return ""


def next_of(settings: Settings, receipt: Part, verdict: Part) -> dict[str, Any]:
    """What happens next, or what to do: a sentence, and where it helps an address, an example, commands."""
    outcome = str(receipt["outcome"])
    match outcome:
        case "rejected":
            return _after_rejection(receipt, verdict)
        case "waiting_for_recipe":
            return _recipe_wanted(settings, receipt)
        case "waiting_for_evaluation":
            return _evaluation_wanted(receipt)
        case "recipe_accepted":
            return _after_recipe(receipt)
        case "superseded":
            reason = str(receipt.get("reason", "another generation of the object is the live one"))
            text = f"Nothing to do: {reason}. A later upload under this name replaces this page."
            return _next(text)
    told = _told(receipt, verdict)
    title = _TO_DO if told in {"recipe_rejected", "ended_before"} else _NEXT
    return _next(_TEXTS.get(told, _NOTHING_MORE), title=title, commands=again(receipt, verdict))


def again(receipt: Part, verdict: Part) -> list[str]:
    """The command that goes on with the drop's run, where that had ended before."""
    has_ended = _told(receipt, verdict) == "ended_before"
    return [command("tunedrop", "retry", str(receipt["run_id"]))] if has_ended else []


def _told(receipt: Part, verdict: Part) -> str:
    """The outcome to find words for: accepted drops of rehearsals, and of runs that had ended, have their own."""
    outcome = str(receipt["outcome"])
    if outcome != "accepted":
        return outcome
    if is_rehearsal(verdict):
        return "rehearsed"
    state = str(receipt.get("run_state", ""))
    if state in SERVED:
        return "tuned_before"
    # A run that was superseded goes on when its dataset is dropped again.
    return "ended_before" if state in RETRYABLE - {RunState.SUPERSEDED} else outcome


def _next(text: str, **more: object) -> dict[str, Any]:
    return {"title": _NEXT, "text": text, "address": "", "example": "", "commands": [], **more}


def _price_and_time(verdict: Part) -> str:
    plan = verdict["plan"]
    price = plan["cost"]["usd"]
    rows = number(verdict["training"]["rows"])
    cost = "its cost is not known" if price is None else f"it should cost about {usd(price)}"
    time = duration(plan["expected_seconds"])
    spared = " Nothing of it is launched: it is a rehearsal." if is_rehearsal(verdict) else ""
    return f"{rows} rows to tune {plan['base_model']} on; {cost}, and it should take about {time}.{spared}"


def _first_fault(code: str, verdict: Part) -> str:
    if code == "evaluation_rejected":
        return "The evaluation file has errors; the dataset itself has none."
    why = rejection_of(verdict.get("result") or {}, code)
    if why:
        return why
    return "It cannot be tuned on as it was asked for." if verdict.get("problems") else ""


def _after_rejection(receipt: Part, verdict: Part) -> dict[str, Any]:
    if verdict.get("problems"):
        text = "Correct what is listed, then upload the dataset again. Nothing was spent."
        return _next(text, title=_TO_DO)
    if receipt.get("code") == "evaluation_rejected":
        text = (
            "Correct what is listed, check the file on your own machine, then upload the evaluation"
            " file and the dataset again. Nothing was spent."
        )
        return _next(text, title=_TO_DO, commands=[command("tunedrop", "check", "FILE")])
    name = str(receipt["name"])
    upload = command("gcloud", "storage", "cp", FIXED_FILE, f"gs://{receipt['bucket']}/{name}")
    advice = advice_for(verdict.get("result") or {}, local_file(name), upload=upload)
    text = f"{advice.text} Nothing was spent."
    return _next(text, title=_TO_DO, commands=list(advice.commands))


def _recipe_wanted(settings: Settings, receipt: Part) -> dict[str, Any]:
    folder = naming.folder_of(str(receipt["name"]))
    address = f"gs://{receipt['bucket']}/{naming.in_folder(folder, naming.RECIPE_FILE)}"
    base_model = settings.default_base_models.get(Format.GEMINI, _EXAMPLE_BASE_MODEL)
    text = (
        "The recipe that lies in its folder, or above it, cannot be used: correct what is listed and"
        " upload it again, or put another one at this address."
        if receipt.get("problems")
        else "Upload a recipe to this address. The dataset is then looked at again by itself;"
        " there is no need to upload it a second time."
    )
    return _next(
        text,
        title=_TO_DO,
        address=address,
        example=f'base_model = "{base_model}"\n\n[tuning]\nepochs = 3\n',
        commands=[command("gcloud", "storage", "cp", naming.RECIPE_FILE, address)],
    )


def _evaluation_wanted(receipt: Part) -> dict[str, Any]:
    missing = str(receipt.get("missing", ""))
    address = f"gs://{receipt['bucket']}/{missing}"
    text = (
        "The recipe names an evaluation file that is not there. Upload it to this address,"
        " and the dataset is looked at again by itself."
    )
    upload = command("gcloud", "storage", "cp", local_file(missing), address)
    return _next(text, title=_TO_DO, address=address, commands=[upload])


def _after_recipe(receipt: Part) -> dict[str, Any]:
    folder = naming.folder_of(str(receipt["name"]))
    dataset = f"gs://{receipt['bucket']}/{naming.in_folder(folder, 'train.jsonl')}"
    text = (
        "Editing a recipe starts nothing by itself. Datasets that wait for one, and those that are"
        " uploaded from here on, are tuned by it; this command asks for one that is already there."
    )
    return _next(text, commands=[command("tunedrop", "request", dataset)])
