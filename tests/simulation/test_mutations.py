"""Every deliberately broken protocol is caught within a bounded number of histories."""

import pytest

from simulation.mutations import MUTATIONS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_broken_protocol_is_caught(mutation):
    assert mutation.caught() is not None
