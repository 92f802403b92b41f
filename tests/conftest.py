"""What every test gets: an environment that is put back, and no client left from another test."""

import os

import pytest

from tunedrop import bootstrap


@pytest.fixture(autouse=True)
def _own_environment():
    before = dict(os.environ)
    yield
    bootstrap.forget()
    os.environ.clear()
    os.environ.update(before)
