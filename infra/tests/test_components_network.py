"""A network's addresses are divided among its zones."""

import ipaddress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.components.network import NetworkArgs
from infra.names import Names

NAMES = Names("tumours", "dev", "123456789012", "eu-west-1")


def arguments(cidr: str, zones: int) -> NetworkArgs:
    letters = tuple(f"eu-west-1{letter}" for letter in "abcdef"[:zones])
    return NetworkArgs(NAMES, cidr, letters, 4, logs=None)  # type: ignore[arg-type]


@given(st.integers(min_value=16, max_value=24), st.integers(min_value=2, max_value=6))
def test_subnets_lie_in_the_network_and_apart(size: int, zones: int) -> None:
    blocks = [ipaddress.ip_network(b) for b in arguments(f"10.0.0.0/{size}", zones).blocks]
    assert len(blocks) == zones
    assert all(block.subnet_of(ipaddress.ip_network(f"10.0.0.0/{size}")) for block in blocks)  # type: ignore[arg-type]
    assert not any(one.overlaps(other) for one, other in combinations(blocks, 2))


def test_one_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="two zones"):
        arguments("10.0.0.0/20", 1)
