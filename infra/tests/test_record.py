"""Programs under mocks have a made-up account, whatever their stack files say."""

from pathlib import Path

import pytest
import yaml

from infra.errors import UserError
from infra.names import ACCOUNT
from infra.rehearsal.record import configuration, record

from .machine import make_project


def test_the_account_of_a_stack_file_is_not_used(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    config = {"aws:region": "eu-west-1", "aws:allowedAccountIds": ["210987654321"]}
    file = root / "infra" / "serving" / "Pulumi.dev.yaml"
    file.write_text(yaml.safe_dump({"config": config}))
    assert configuration("serving", "dev", root)["aws:allowedAccountIds"] == f'["{ACCOUNT}"]'


def test_an_environment_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="ENV is 'production': add one of ENV=dev, "):
        record("foundation", "production")
