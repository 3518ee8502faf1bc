"""What every resource of a program gets, whoever adds it."""

import pytest
from pulumi_aws import iam

from infra import outputs
from infra.names import PROGRAMS
from infra.rehearsal.record import record
from infra.rehearsal.written import written

from .machine import names


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_role_that_is_added_to_a_program_is_tagged_and_under_the_boundary(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(_: outputs.Outputs) -> None:
        iam.Role("added", assume_role_policy="{}", tags={"owner": "somebody"})

    monkeypatch.setattr(outputs.Outputs, "export", export)
    resources = record(program, "dev", written(program))
    (role,) = [resource for resource in resources if resource.name == "added"]
    assert role.props["permissionsBoundary"] == names().boundary_arn
    assert role.props["tags"]["environment"] == "dev"
    assert role.props["tags"]["owner"] == "somebody"
