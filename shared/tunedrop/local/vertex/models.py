"""The model registry: versions, aliases, labels.

A tuned model is put here by its job; nothing here knows of jobs.
"""

import re

from google.cloud import aiplatform_v1
from google.protobuf import empty_pb2

from tunedrop.local.vertex import names, operations, tuned, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError, invalid, missing
from tunedrop.local.vertex.listing import list_resources, page, parse
from tunedrop.local.vertex.tuned import Model
from tunedrop.local.vertex.wire import Pb

_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_MODEL_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_MODEL_FIELDS = frozenset({"display_name", "description", "labels"})
_VERSION_FIELDS = frozenset({"version_description", "labels", "metadata"})
_NEWEST = 2**62


def versions(core: Core, name: str) -> list[Pb]:
    """Return all versions of a model, newest first; NOT_FOUND when there is none."""
    model_name = name.partition("@")[0]
    parent = names.parent_of(name)
    found = core.rows("models", parent, before_seq=_NEWEST, created_until=core.clock.now())
    mine = [m for m in (Model.FromString(body) for _, body in found) if m.name == model_name]
    if not mine:
        raise missing(name)
    return mine


def resolve(core: Core, name: str) -> Pb:
    """Return the version that `models/ID`, `models/ID@VERSION` or `models/ID@ALIAS` means."""
    wanted = name.partition("@")[2] or "default"
    for model in versions(core, name):
        if wanted == model.version_id or wanted in model.version_aliases:
            return model
    raise missing(name)


def get(core: Core, request: Pb) -> Pb:
    """Return a model's default version, or the one that is named."""
    return resolve(core, request.name)


def list_models(core: Core, request: Pb) -> Pb:
    """Return a page of models, each as its default version."""
    answer = aiplatform_v1.ListModelsResponse.pb()()
    found, answer.next_page_token = list_resources(
        core, "models", Model, request, lambda model: "default" in model.version_aliases
    )
    answer.models.extend(found)
    return answer


def list_versions(core: Core, request: Pb) -> Pb:
    """Return a page of one model's versions."""
    test = parse(request.filter, "models")
    found = [(int(model.version_id), model) for model in versions(core, request.name)]

    def below(seq: int) -> list[tuple[int, Pb]]:
        return [(number, model) for number, model in found if number < seq]

    answer = aiplatform_v1.ListModelVersionsResponse.pb()()
    cut, answer.next_page_token = page(below, request.page_size, request.page_token, test)
    answer.models.extend(cut)
    return answer


def update(core: Core, request: Pb) -> Pb:
    """Change fields of a model, or of one version when the name carries one."""
    paths = set(request.update_mask.paths)
    allowed = _VERSION_FIELDS if "@" in request.model.name else _MODEL_FIELDS
    if not paths or not paths <= allowed:
        raise invalid(
            f"update_mask must name some of {sorted(allowed)} for {request.model.name}.",
            ("update_mask", "unsupported or mixed fields"),
        )
    names.check_labels("model.labels", request.model.labels)
    names.check_display_name(
        "model.display_name", request.model.display_name, required="display_name" in paths
    )
    with core.transaction():
        chosen = resolve(core, request.model.name)
        touched = [chosen] if "@" in request.model.name else versions(core, chosen.name)
        for model in touched:
            request.update_mask.MergeMessage(
                request.model, model, replace_message_field=True, replace_repeated_field=True
            )
            wire.stamp(model.update_time, core.clock.now())
            core.store.save(tuned.version_name(model), model)
        return resolve(core, request.model.name)


def merge_aliases(core: Core, request: Pb) -> Pb:
    """Add aliases to a version and take away those with a leading dash."""
    version = request.name.partition("@")[2]
    if not version.isdecimal():
        raise invalid("name must carry an explicit version ID, such as models/123@1.")
    adding = {a for a in request.version_aliases if not a.startswith("-")}
    removing = {a[1:] for a in request.version_aliases if a.startswith("-")}
    adding, removing = adding - removing, removing - adding
    wrong = sorted(a for a in adding | removing if not _ALIAS.fullmatch(a))
    if wrong or not (adding or removing):
        raise invalid(
            f"version_aliases must match {_ALIAS.pattern}.", ("version_aliases", "format")
        )
    with core.transaction():
        chosen = resolve(core, request.name)
        if "default" in removing and "default" in chosen.version_aliases:
            raise invalid("The default alias can only be moved to another version.")
        for model in versions(core, chosen.name):
            mine = model.version_id == chosen.version_id
            drop = removing if mine else adding
            kept = [a for a in model.version_aliases if a not in drop]
            more = sorted(adding - set(kept)) if mine else []
            del model.version_aliases[:]
            model.version_aliases.extend([*kept, *more])
            core.store.save(tuned.version_name(model), model)
        return resolve(core, request.name)


def delete(core: Core, request: Pb) -> Pb:
    """Delete a model with all its versions; a deployed one is refused."""
    with core.transaction():
        for model in versions(core, request.name):
            if model.deployed_models:
                where = model.deployed_models[0].endpoint
                raise ApiError(
                    "FAILED_PRECONDITION",
                    f"The Model {request.name} is deployed to {where}; undeploy it first.",
                )
        metadata = aiplatform_v1.DeleteOperationMetadata.pb()()
        return operations.begin(core, request.name, "delete_model", request, metadata)


def apply_delete(core: Core, request: Pb, _at: float) -> Pb:
    """Forget a model with its versions; copies of their rows stay on disk."""
    for model in versions(core, request.name):
        name = tuned.version_name(model)
        core.store.remove(name)
        core.store.remove(f"training:{name}")
    return empty_pb2.Empty()


def upload(core: Core, request: Pb) -> Pb:
    """Register a model of the caller's own; it answers like a base model."""
    names.parse_parent(request.parent)
    names.check_display_name("model.display_name", request.model.display_name, required=True)
    names.check_labels("model.labels", request.model.labels)
    if request.model_id and not _MODEL_ID.fullmatch(request.model_id):
        raise invalid(f"model_id must match {_MODEL_ID.pattern}.", ("model_id", "format"))
    with core.transaction():
        if request.parent_model:
            resolve(core, request.parent_model)
        metadata = aiplatform_v1.UploadModelOperationMetadata.pb()()
        return operations.begin(core, f"{request.parent}/x/x", "upload_model", request, metadata)


def apply_upload(core: Core, request: Pb, at: float) -> Pb:
    """Keep an uploaded model or version."""
    model = Model()
    model.CopyFrom(request.model)
    model.name = f"{request.parent}/models/{request.model_id}" if request.model_id else ""
    version_of = request.parent_model.partition("@")[0]
    tuned.add_version(core, request.parent, model, at, version_of=version_of)
    return aiplatform_v1.UploadModelResponse.pb()(
        model=model.name, model_version_id=model.version_id
    )
