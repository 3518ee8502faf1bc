"""The key of pseudonyms is handed over encrypted: what the stack file gets, `ingest` can use."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.errors import UserError
from infra.operations import pseudonym_key
from infra.pipelines.processing import LONGEST_VALUE
from infra.pipelines.target import Target
from infra.pseudonym_key import CONTEXT_VARIABLE, ENCRYPTED_VARIABLE, VARIABLE

from .machine import ACCOUNT, REGION, Program, invoke, make_project, names, refusal

KEY = "0f" * 32
SUBJECT = {"property": "handling", "value": "subject"}


class Machine:
    """A project that asks for pseudonyms, and the programs that the command starts."""

    def __init__(self, folder: Path) -> None:
        (folder / "project").mkdir()
        self.root = make_project(folder / "project")
        self.pulumi = Program(folder / "bin", "pulumi")
        self.handle(SUBJECT)

    def handle(self, *custom: dict[str, str]) -> None:
        """Let the contract's first column, and no other, have these custom properties."""
        contract = yaml.safe_load((self.root / "contract.yaml").read_text())
        first, *others = contract["schema"][0]["properties"]
        first["customProperties"] = list(custom)
        for column in others:
            column.pop("customProperties", None)
        # A project is read once: another file is another project.
        self.root = self.root.rename(self.root.with_name(f"project-{len(custom)}"))
        (self.root / "contract.yaml").write_text(yaml.safe_dump(contract))

    def make_key(self) -> str:
        """Make the key that foundation makes; its id."""
        made = kms().create_key()["KeyMetadata"]["KeyId"]
        kms().create_alias(AliasName=names().key_alias("pseudonym"), TargetKeyId=made)
        return str(made)

    def run(self, environment: str = "dev") -> str:
        """What the stack file of the environment gets."""
        invoke(lambda: pseudonym_key.main(self.root), environment)
        (call,) = self.pulumi.calls
        assert call["cwd"] == str(self.root / "infra" / "training")
        *before, pair, last = call["argv"]
        assert before == ["config", "set-all", "--stack", environment, "--plaintext"]
        assert last == "--non-interactive"
        setting, _, value = pair.partition("=")
        assert setting == "pseudonymKey"
        return str(value)

    def refusal(self, *arguments: str) -> str:
        """Why nothing is written."""
        said = refusal(lambda: pseudonym_key.main(self.root), *(arguments or ("dev",)))
        assert self.pulumi.calls == []
        return said


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with mock_aws():
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
        monkeypatch.setenv(VARIABLE, KEY)
        yield Machine(tmp_path)


def kms() -> Any:
    return boto3.client("kms", region_name=REGION)


@pytest.fixture
def key(machine: Machine) -> str:
    """The id of foundation's key."""
    return machine.make_key()


def decrypted(environment: dict[str, str]) -> bytes:
    """What the job of `ingest` comes by with its environment."""
    answer = boto3.client("kms", region_name=environment["AWS_DEFAULT_REGION"]).decrypt(
        CiphertextBlob=base64.b64decode(environment[ENCRYPTED_VARIABLE], validate=True),
        EncryptionContext=json.loads(environment[CONTEXT_VARIABLE]),
    )
    return bytes(answer["Plaintext"])


def environment_of(machine: Machine, value: str, environment: str = "dev") -> dict[str, str]:
    """What the compiler gives to `ingest`."""
    image = f"images@sha256:{'0' * 64}"
    target = Target.of(
        names(environment),
        train_image=image,
        serve_image=image,
        key_arn="arn",
        pseudonym_key=value,
        root=machine.root,
    )
    return dict(target.ingest_environment)


@pytest.mark.usefixtures("key")
def test_the_job_of_ingest_decrypts_what_the_stack_file_gets(machine: Machine) -> None:
    value = machine.run()
    assert len(value) <= LONGEST_VALUE
    assert decrypted(environment_of(machine, value)) == bytes.fromhex(KEY)


@pytest.mark.usefixtures("key")
def test_another_environment_cannot_decrypt_it(machine: Machine) -> None:
    value = machine.run()
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        decrypted(environment_of(machine, value, "prod"))


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("change", [{"purpose": "other"}, {"project": "other"}, {"more": "x"}])
def test_in_another_context_nobody_can_decrypt_it(machine: Machine, change: dict[str, str]) -> None:
    about = environment_of(machine, machine.run())
    context = {**json.loads(about[CONTEXT_VARIABLE]), **change}
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        decrypted({**about, CONTEXT_VARIABLE: json.dumps(context)})


def test_it_is_encrypted_with_the_key_of_foundation(machine: Machine, key: str) -> None:
    other = kms().create_key()["KeyMetadata"]["KeyId"]
    value = base64.b64decode(machine.run())
    answer = kms().decrypt(CiphertextBlob=value, EncryptionContext=names().pseudonym_context)
    assert answer["KeyId"].endswith(key)
    assert not answer["KeyId"].endswith(other)


@pytest.mark.usefixtures("key")
def test_the_key_in_clear_is_told_to_no_other_program_and_nowhere_shown(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.run()
    (call,) = machine.pulumi.calls
    assert VARIABLE not in call["env"]
    encoded = base64.b64encode(bytes.fromhex(KEY)).decode()
    told = json.dumps(call) + "".join(capfd.readouterr())
    assert not [form for form in (KEY, KEY.upper(), encoded) if form in told]


@pytest.mark.usefixtures("key")
def test_what_to_do_next_is_said(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.run()
    said = capsys.readouterr().out
    assert "infra/training/Pulumi.dev.yaml" in said
    assert said.endswith("cd infra/training && pulumi up --refresh --stack dev\n")


@pytest.mark.usefixtures("key")
def test_without_a_key_it_is_said_where_to_take_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    said = "is not set: take the key that `make repro` uses from your team's secret store"
    assert machine.refusal() == f"PSEUDONYM_KEY {said}"


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("text", [KEY[1:], f"{KEY}0", f"g{KEY[1:]}", f"{KEY[:32]} {KEY[32:]}", " "])
def test_what_is_no_key_is_refused_and_not_shown(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    said = machine.refusal()
    assert said == "PSEUDONYM_KEY is no key: it has to be 64 hexadecimal digits"


def test_before_foundation_is_up_the_line_that_brings_it_up_is_told(machine: Machine) -> None:
    assert machine.refusal() == (
        f"infra/foundation has no {names().key_alias('pseudonym')} yet: "
        "`cd infra/foundation && pulumi up --stack dev`"
    )


@pytest.mark.usefixtures("key")
def test_a_project_without_pseudonyms_has_no_use_for_it(machine: Machine) -> None:
    machine.handle()
    assert machine.refusal().startswith("contract.yaml asks for no pseudonyms: give a column")


@pytest.mark.usefixtures("key")
def test_another_accounts_credentials_are_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    assert f"of account 210987654321, and dev is in {ACCOUNT}" in machine.refusal()


@pytest.mark.parametrize("name", ["", "production"])
def test_an_environment_that_is_none_is_refused(machine: Machine, name: str) -> None:
    assert "add one of ENV=dev, ENV=staging, ENV=prod" in machine.refusal(name)


def test_what_no_job_can_be_told_is_refused() -> None:
    assert len(pseudonym_key.as_value(bytes(192), names())) == LONGEST_VALUE
    with pytest.raises(UserError, match="has 260 characters, and a job's environment takes 256"):
        pseudonym_key.as_value(bytes(193), names())


def test_the_key_is_gone_from_the_environment_once_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    assert pseudonym_key.take() == bytes.fromhex(KEY)
    assert VARIABLE not in os.environ
