"""Objects go when they must, old versions included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.components.bucket import UNDO_DAYS, BucketArgs, expiry


@given(st.integers(min_value=2, max_value=20_000))
def test_the_last_version_is_gone_when_the_retention_ends(retention: int) -> None:
    current, old = expiry(retention)
    assert current + old == retention
    assert current >= 1
    assert 1 <= old <= UNDO_DAYS


def test_a_mistake_can_be_undone_for_a_month() -> None:
    assert expiry(365) == (335, 30)


def test_a_retention_of_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 days"):
        BucketArgs("a-bucket", {}, retention_days=1)
