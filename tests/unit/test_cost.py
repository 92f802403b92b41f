"""Estimates: unknown is never zero, and every figure says what it stands on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunedrop.domain.cost import estimate_by_hardware, estimate_by_tokens, tokens_of

ORIGIN = {"source": "a price list", "as_of": date(2026, 11, 23)}


def test_a_tuning_job_costs_tokens_times_epochs_times_price():
    estimate = estimate_by_tokens(tokens=2_000_000, epochs=3, usd_per_million=10.0, **ORIGIN)

    assert 60.0 == estimate.usd
    assert (55.2, 76.2) == (estimate.usd_low, estimate.usd_high)
    assert "2,000,000 tokens x 3 epochs x 10 USD per million tokens" == estimate.basis
    assert ("a price list", date(2026, 11, 23)) == (estimate.source, estimate.as_of)


def test_an_unknown_price_is_not_zero():
    estimate = estimate_by_tokens(tokens=2_000_000, epochs=3, usd_per_million=None, **ORIGIN)

    assert (None, None, None) == (estimate.usd, estimate.usd_low, estimate.usd_high)
    assert "no price is known" in estimate.basis


def test_a_price_of_nothing_is_a_price():
    assert 0.0 == estimate_by_tokens(tokens=9, epochs=1, usd_per_million=0.0, **ORIGIN).usd


def test_the_run_fee_of_a_pipeline_is_named_and_not_passed_off_as_its_price():
    estimate = estimate_by_hardware(hardware="8 x A100 80 GB", usd_per_run=0.03, **ORIGIN)

    assert estimate.usd is None
    assert "8 x A100 80 GB" in estimate.basis
    assert "run fee of 0.03 USD" in estimate.basis


def test_a_template_of_ones_own_has_no_known_price():
    estimate = estimate_by_hardware(hardware=None, usd_per_run=None, **ORIGIN)

    assert estimate.usd is None
    assert "of the template" in estimate.basis


@pytest.mark.parametrize(("characters", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (4000, 1000)])
def test_four_characters_make_about_one_token(characters, tokens):
    assert tokens == tokens_of(characters)


@given(
    tokens=st.integers(0, 10**12),
    epochs=st.integers(1, 100),
    price=st.floats(0, 1000, allow_nan=False),
)
def test_the_band_holds_the_estimate(tokens, epochs, price):
    estimate = estimate_by_tokens(tokens=tokens, epochs=epochs, usd_per_million=price, **ORIGIN)

    assert estimate.usd_low <= estimate.usd <= estimate.usd_high
