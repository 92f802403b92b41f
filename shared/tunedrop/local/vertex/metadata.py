"""Contexts of the metadata store, as far as an experiment needs one: it says where its numbers are.

Knows no job.
"""

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.wire import Pb

Context = aiplatform_v1.Context.pb()
_KIND = "contexts"
_SCHEMA = "system.Experiment"


def add_experiment(core: Core, name: str, tensorboard: str, at: float) -> None:
    """Keep an experiment's context, which names the TensorBoard instance that its numbers lie in."""
    store, _, context_id = name.partition("/contexts/")
    context = Context(
        name=name, display_name=context_id, schema_title=_SCHEMA, schema_version="0.0.1"
    )
    context.metadata.update(
        {"experiment_deleted": False, "backing_tensorboard_resource": tensorboard}
    )
    wire.stamp(context.create_time, at)
    wire.stamp(context.update_time, at)
    core.store.add(_KIND, name, store, context, at)


def get_context(core: Core, request: Pb) -> Pb:
    """Return a context."""
    return core.load(_KIND, Context, request.name)
