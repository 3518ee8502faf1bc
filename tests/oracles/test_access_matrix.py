"""Who may do what: `infra/access_matrix.md`, evaluated by an IAM engine on the documents of
`infra/access`. The engine is AGPL: a test tool that runs as a subprocess, and is never shipped."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from infra.access import all_roles, boundary, resources
from infra.access.ground import Federation, Ground, Keys, People
from infra.access.permitted import permitted
from infra.access.places import CIRCUMSTANCES, places
from infra.names import ENVIRONMENTS, Names
from infra.policies.iam import UNRESTRICTABLE

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "infra" / "access_matrix.md"
ORACLE = Path(__file__).parent / "access"
CACHE = ROOT / "build" / "oracles"
ACCOUNTS = dict(zip(ENVIRONMENTS, ("111111111111", "222222222222", "333333333333"), strict=True))
HEADING = ["role", "action", "resource", "given", "verdict", "because"]
# People and applications from outside, who are named in the settings and may do what they like.
OUTSIDE = ("researcher", "reviewer", "application")
# Who stands under no boundary of ours.
UNBOUNDED = ("owner", *OUTSIDE)
# The engine drops from a request what is no fixed key, except behind a slash. So the context of a
# key is told it as tags of the request, in the policies and in the request alike.
CONTEXT, STAND_IN = "kms:EncryptionContext:", "aws:RequestTag/"
EVERYTHING = {"Version": "2012-10-17"} | {
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
}

pytestmark = [
    pytest.mark.skipif(
        shutil.which("node") is None or shutil.which("npm") is None,
        reason="node or npm is missing: install Node.js 20 or newer (Debian: nodejs and npm)",
    ),
    pytest.mark.xdist_group("access"),
]


@dataclass(frozen=True)
class Line:
    """A line of the table. A role and a resource are an environment and what is in it."""

    role: str
    action: str
    resource: str
    given: str
    verdict: str
    because: str

    def __str__(self) -> str:
        given = f" given {self.given}" if self.given else ""
        return f"{self.role}: {self.action} on {self.resource}{given}: {self.verdict}"


@dataclass(frozen=True)
class Layout:
    """Whether the environments share an account, and whether roles stand under our boundary."""

    shared: bool
    bounded: bool

    def __str__(self) -> str:
        accounts = "one account" if self.shared else "an account each"
        return f"{accounts}, {'under the boundary' if self.bounded else 'without a boundary'}"


LAYOUTS = [Layout(shared, bounded) for shared in (True, False) for bounded in (True, False)]


def table() -> list[Line]:
    """The lines of all tables of the page."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return [Line(*row) for row in rows if row != HEADING and set(row) != {"---"}]


class World:
    """The documents of all environments, in one layout. Tests plant faults in `documents`."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.grounds = {name: self._ground(name) for name in ENVIRONMENTS}
        self.documents: dict[str, Any] = {name: self._documents(name) for name in ENVIRONMENTS}

    def names(self, environment: str) -> Names:
        account = ACCOUNTS["dev" if self.layout.shared else environment]
        return Names("demo", environment, account, "eu-west-1")

    def _ground(self, environment: str) -> Ground:
        names = self.names(environment)
        keys = {kind: self._key(names, kind) for kind in ("data", "logs", "topic", "pseudonym")}
        researcher, reviewer, application = ((names.role_arn(kind),) for kind in OUTSIDE)
        return Ground(
            names=names,
            registry=self.names("dev"),
            keys=Keys(**keys),
            boundary_arn=names.boundary_arn,
            people=People(researcher, reviewer, application),
            federation=Federation("github", "https://github.com/example/demo"),
        )

    @staticmethod
    def _key(names: Names, kind: str) -> str:
        return names.arn("kms", f"key/{names.environment}-{kind}")

    def _documents(self, environment: str) -> dict[str, Any]:
        ground = self.grounds[environment]
        readers = self._readers(environment)
        artifacts = resources.approved_artifacts(ground.names, readers)
        made = all_roles(ground)
        roles = {kind: role.policies for kind, role in made.items()}
        everything = {kind: [EVERYTHING] for kind in ("administrator", *UNBOUNDED)}
        documents = {
            "roles": {**roles, **everything},
            "trust": {kind: role.trust for kind, role in made.items()},
            "boundary": boundary.boundary(ground),
            "data": resources.bucket(ground.names, "data"),
            "artifacts": resources.bucket(ground.names, "artifacts", *artifacts),
            "logs": resources.bucket(ground.names, "logs", *resources.log_delivery(ground.names)),
            "key/data": resources.data_key(ground.names, readers),
            "key/logs": resources.logs_key(ground.names),
            "key/topic": resources.topic_key(ground.names),
            "key/pseudonym": resources.pseudonym_key(ground.names),
        }
        if readers:
            documents["image"] = resources.repository(ground.names, readers)
            documents["package"] = resources.package_group(ground.names, readers)
        return copy.deepcopy(documents)

    def _readers(self, environment: str) -> list[str]:
        """The other accounts that dev, as owner of the registry, lets in."""
        if self.layout.shared or environment != "dev":
            return []
        return [account for name, account in ACCOUNTS.items() if name != "dev"]

    def kinds(self, environment: str) -> list[str]:
        return list(self.documents[environment]["trust"])

    def arn(self, resource: str) -> str:
        """The ARN of what the table calls a resource."""
        if resource == "*":
            return "*"
        environment, _, thing = resource.partition(" ")
        names = self.names(environment)
        if thing.startswith("arn:"):
            return thing
        kind, _, rest = thing.partition("/")
        if kind in ("data", "artifacts", "logs"):
            return names.bucket_arn(kind) + (f"/{rest}" if rest else "")
        if kind in ("role", "user"):
            return names.role_arn(rest) if kind == "role" else names.arn("iam", thing, region=False)
        prefix = names.prefix
        return {
            "state": f"arn:aws:s3:::demo-state-{names.account}/{rest}",
            "policy": names.boundary_arn,
            "key": self._key(names, rest),
            "pipeline": names.arn("sagemaker", f"pipeline/{prefix}"),
            "pipeline-monitor": names.arn("sagemaker", f"pipeline/{prefix}-monitor"),
            "training-job": names.arn("sagemaker", thing),
            "processing-job": names.arn("sagemaker", thing),
            "package": names.arn("sagemaker", "model-package/demo/1"),
            "model-card": names.arn("sagemaker", "model-card/demo"),
            "endpoint": names.arn("sagemaker", f"endpoint/{prefix}"),
            "image": names.arn("ecr", "repository/demo"),
            "alarm": names.arn("cloudwatch", f"alarm:{prefix}-{rest}"),
            "trail": names.arn("cloudtrail", f"trail/{prefix}"),
            "security-group": names.arn("ec2", "security-group/sg-1"),
            "function": names.arn("lambda", "function:one"),
        }[kind]

    def simulations(self, line: Line) -> list[dict[str, Any]]:
        """The requests that a line stands for: more than one where it says `any`."""
        environment, _, kind = line.role.partition(" ")
        where = line.resource.partition(" ")[0] if line.resource != "*" else environment
        roles = self.kinds(environment) if kind == "any" else [kind]
        targets = (
            [f"{where} role/{one}" for one in self.kinds(where)]
            if line.resource.endswith(" role/any")
            else [line.resource]
        )
        return [
            self._request(line, environment, role, target) for role in roles for target in targets
        ]

    def _request(self, line: Line, environment: str, role: str, resource: str) -> dict[str, Any]:
        where, _, thing = resource.rpartition(" ")
        names, owner = self.names(environment), self.names(where or environment)
        documents = self.documents[environment]
        guarded = self._guard(where or environment, thing, line.action)
        role_arn = names.role_arn(role)
        boundaries = [{"name": "boundary", "policy": documents["boundary"]}]
        return {
            "request": {
                "principal": role_arn,
                "action": line.action,
                "resource": {"resource": self.arn(resource), "accountId": owner.account},
                "contextVariables": {
                    "aws:PrincipalArn": role_arn,
                    "aws:PrincipalAccount": names.account,
                    "aws:SecureTransport": "true",
                    **self._circumstances(where, thing),
                    **self._given(line.given),
                },
            },
            "identityPolicies": [
                {"name": str(number), "policy": policy}
                for number, policy in enumerate(documents["roles"][role])
            ],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
            **({"resourcePolicy": guarded} if guarded else {}),
            **({"permissionBoundaryPolicies": boundaries} if self._bounded(role) else {}),
        }

    def _bounded(self, role: str) -> bool:
        return self.layout.bounded and role not in UNBOUNDED

    def _guard(self, environment: str, thing: str, action: str) -> Any:
        """The policy of a resource, if it has one; that of a role says who may take it on."""
        kind, _, rest = thing.partition("/")
        if action == "sts:AssumeRole":
            return self.documents[environment]["trust"][rest]
        return self.documents[environment].get(thing if kind == "key" else kind)

    def _circumstances(self, where: str, thing: str) -> dict[str, Any]:
        """What AWS knows of a resource by itself."""
        if not thing.startswith("key/"):
            return {}
        alias = self.names(where).key_alias(thing.removeprefix("key/"))
        return {"kms:ResourceAliases": [alias]}

    def _given(self, given: str) -> dict[str, Any]:
        pairs = [pair.strip().partition("=") for pair in given.split(";") if pair.strip()]
        return {key: self._value(value) for key, _, value in pairs}

    def _value(self, value: str) -> Any:
        if value.startswith("["):
            return [one.strip() for one in value.strip("[]").split(",")]
        return self.arn(value[1:]) if value.startswith("@") else value


@cache
def engine() -> Path:
    """A folder with the engine and the script that asks it; installed once for each lock."""
    lock = (ORACLE / "package-lock.json").read_bytes()
    folder = CACHE / f"access-{sha256(lock).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "access.lock"):
        if not (folder / "node_modules" / ".package-lock.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(ORACLE, folder, ignore=shutil.ignore_patterns("node_modules"))
            command = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=folder, check=True)
        shutil.copy(ORACLE / "simulate.mjs", folder)
    return folder


def ask(simulations: list[dict[str, Any]], actions: list[str] | None = None) -> dict[str, Any]:
    """What the engine says to requests, and what it knows of actions."""
    asked = json.dumps({"simulations": simulations, "actions": actions or []})
    answer = subprocess.run(
        ["node", "simulate.mjs"],
        cwd=engine(),
        input=asked.replace(CONTEXT, STAND_IN),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(answer.stdout))


def red(world: World, lines: list[Line]) -> list[str]:
    """The lines that do not hold, each with what the engine says."""
    asked = [(line, simulation) for line in lines for simulation in world.simulations(line)]
    verdicts = ask([simulation for _, simulation in asked])["verdicts"]
    expected = {"allow": ("Allowed",), "deny": ("ExplicitlyDenied", "ImplicitlyDenied")}
    return [
        f"{line}: {simulation['request']['principal']} is {verdict}"
        for (line, simulation), verdict in zip(asked, verdicts, strict=True)
        if verdict not in expected[line.verdict]
    ]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_line_of_the_table_holds(layout: Layout) -> None:
    lines = [one for one in table() if layout.bounded or not one.role.endswith("administrator")]
    assert red(World(layout), lines) == []


def test_every_line_is_well_formed_and_says_why() -> None:
    lines = table()
    assert len(lines) > 100
    assert len({(one.role, one.action, one.resource, one.given) for one in lines}) == len(lines)
    for line in lines:
        assert line.verdict in ("allow", "deny"), line
        assert line.because, line


def test_the_table_allows_and_denies_every_role_something() -> None:
    world = World(LAYOUTS[0])
    for kind in {kind for name in ENVIRONMENTS for kind in world.kinds(name)} - {"tracking"}:
        said = {line.verdict for line in table() if line.role.endswith(f" {kind}")}
        assert said == {"allow", "deny"}, kind


Statement = dict[str, Any]


def statements(world: World) -> Iterator[tuple[str, Statement]]:
    """Every statement of every document, with where it is."""
    for environment, documents in world.documents.items():
        named = {f"boundary of {environment}": [documents["boundary"]]}
        named |= {
            f"{environment} {kind}": documents["roles"][kind] for kind in world.kinds(environment)
        }
        for where, policies in named.items():
            for policy in policies:
                yield from ((f"{where}, {one['Sid']}", one) for one in policy["Statement"])


@cache
def known(actions: tuple[str, ...]) -> dict[str, list[tuple[str, bool]] | None]:
    """For each action, what it can be limited to: an ARN's form, and whether it must be."""
    return dict(ask([], list(actions))["actions"])


def test_every_action_exists() -> None:
    """Of the documents and of the table, in AWS's own reference (`iam-data`)."""
    written = {action for _, one in statements(World(LAYOUTS[0])) for action in one["Action"]}
    table_actions = {line.action for line in table()}
    whole = {action for action in written if action.endswith(":*")}
    asked = known(tuple(sorted((written | table_actions) - whole)))
    assert [action for action, forms in asked.items() if forms is None] == []
    stems = {action for action in written - whole if action.endswith("*")}
    assert [stem for stem in stems if not any(fnmatchcase(one, stem) for one in asked)] == []


def test_every_action_is_allowed_on_a_resource_of_its_kind() -> None:
    """`sagemaker:CreateModel` on the ARN of an endpoint would allow nothing, and look right."""
    allowed = [
        (where, action, one["Resource"])
        for where, one in statements(World(LAYOUTS[0]))
        for action in one["Action"]
        if one["Effect"] == "Allow" and one["Resource"] != ["*"] and not action.endswith("*")
    ]
    forms = known(tuple(sorted({action for _, action, _ in allowed})))
    # The reference leaves out that a model made from a package asks for the package too.
    from_package = [("arn:*:sagemaker:*:*:model-package/*", False)]
    forms["sagemaker:CreateModel"] = [*(forms["sagemaker:CreateModel"] or []), *from_package]
    assert [
        f"{where}: {action}"
        for where, action, mine in allowed
        if not any(overlap(glob(form), arn) for form, _ in forms[action] or [] for arn in mine)
    ] == []


def test_what_is_allowed_on_every_resource_can_be_limited_to_none() -> None:
    """The list in `infra.policies.iam` is what the rules let pass on `*`."""
    for action, forms in known(UNRESTRICTABLE).items():
        assert forms is not None, action
        # Data sets of CloudWatch are new, and not what metrics are read from.
        assert [form for form, _ in forms if ":dataset/" not in form] == [], action


def glob(form: str) -> str:
    """The form of an ARN as a pattern: `arn:${Partition}:...` is `arn:*:...`."""
    pieces = form.split("${")
    return pieces[0] + "".join("*" + piece.partition("}")[2] for piece in pieces[1:])


def overlap(one: str, other: str) -> bool:
    """Whether two patterns of ARNs have an ARN in common."""
    pieces = zip(one.split(":", 5), other.split(":", 5), strict=True)
    return all(_overlap(mine, theirs) for mine, theirs in pieces)


@cache
def _overlap(one: str, other: str) -> bool:
    if not one or not other:
        return set(one + other) <= {"*"}
    if "*" in (one[0], other[0]):
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    return one[0] == other[0] and _overlap(one[1:], other[1:])


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("model/*", "model/demo-dev-*", True),
        ("model/*", "endpoint/demo-dev-*", False),
        ("endpoint/*", "endpoint-config/*", False),
        ("*-job/pipelines-*", "training-job/*", True),
        ("log-group:*:log-stream:*", "log-group:/demo/*", True),
        ("*", "key/1", True),
    ],
)
def test_patterns_overlap_where_one_text_fits_both(one: str, other: str, common: bool) -> None:
    start = "arn:*:sagemaker:*:*:"
    assert overlap(f"{start}{one}", f"arn:aws:sagemaker:eu-west-1:1:{other}") is common


OWN_ACCOUNTS = Layout(shared=False, bounded=False)
ARTIFACT = "dev artifacts/pipeline/models/1/package/model.tar.gz"
S3 = "kms:ViaService=s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("action", "resource", "given", "verdict"),
    [
        ("s3:GetObject", ARTIFACT, "s3:ExistingObjectTag/approved=true", "allow"),
        ("s3:GetObject", ARTIFACT, "", "deny"),
        ("s3:PutObject", ARTIFACT, "", "deny"),
        ("s3:GetObject", "dev data/source/rows.parquet", "", "deny"),
        ("kms:Decrypt", "dev key/data", S3, "allow"),
        ("kms:Decrypt", "dev key/data", "", "deny"),
        ("ecr:BatchGetImage", "dev image", "", "allow"),
        ("ecr:PutImage", "dev image", "", "deny"),
        ("sagemaker:DescribeModelPackage", "dev package", "", "allow"),
        ("sagemaker:UpdateModelPackage", "dev package", "", "deny"),
    ],
)
def test_another_account_gets_what_the_registry_gives_and_no_more(
    action: str, resource: str, given: str, verdict: str
) -> None:
    """Whatever the other account's own policies allow."""
    line = Line("prod administrator", action, resource, given, verdict, "")
    assert red(World(OWN_ACCOUNTS), [line]) == []


@dataclass(frozen=True)
class Fault:
    """A mistake in one document: in `who`, the statement `sid`.

    `who` is a role, `dev boundary`, `dev data` (the bucket's policy), `dev key/pseudonym`, or
    `dev trust/approver`.

    `change` mends the statement for the worse, None takes it away. `line` is how the lines that
    must then be red begin.
    """

    who: str
    sid: str
    change: Callable[[Statement], Statement] | None
    line: str

    def __str__(self) -> str:
        return f"{self.who} {self.sid}: {self.line}"

    def plant(self, world: World) -> None:
        environment, _, part = self.who.partition(" ")
        documents = world.documents[environment]
        if part.startswith("trust/"):
            policies = [documents["trust"][part.removeprefix("trust/")]]
        else:
            policies = documents["roles"].get(part) or [documents[part]]
        for policy in policies:
            found = [one for one in policy["Statement"] if one["Sid"] == self.sid]
            if found:
                at = policy["Statement"].index(found[0])
                policy["Statement"][at : at + 1] = [self.change(found[0])] if self.change else []
                return
        raise LookupError(f"{self.who} has no statement {self.sid}")


def unconditional(statement: Statement) -> Statement:
    return {key: value for key, value in statement.items() if key != "Condition"}


def on(*resources: str) -> Callable[[Statement], Statement]:
    return lambda statement: {**statement, "Resource": list(resources)}


def also(*actions: str) -> Callable[[Statement], Statement]:
    return lambda statement: {**statement, "Action": [*statement["Action"], *actions]}


def anywhere(*actions: str) -> Callable[[Statement], Statement]:
    return lambda statement: also(*actions)(on("*")(statement))


def trusting_everyone(statement: Statement) -> Statement:
    return {**statement, "Principal": {"AWS": "*"}}


def allowing(statement: Statement) -> Statement:
    return {**statement, "Effect": "Allow"}


def without(key: str) -> Callable[[Statement], Statement]:
    """A statement whose condition compares one key less."""

    def change(statement: Statement) -> Statement:
        kept = {k: v for k, v in statement["Condition"]["StringEquals"].items() if k != key}
        return {**statement, "Condition": {"StringEquals": kept}}

    return change


DECRYPT = "kms:Decrypt on dev key/pseudonym"
PASSED_TO_EC2 = "dev any: iam:PassRole on dev role/any given iam:PassedToService=ec2"
FAULTS = [
    Fault("dev training", "ReadSource", on("*"), "dev training: s3:GetObject on prod data"),
    Fault(
        "dev training",
        "ReadSource",
        on("arn:aws:s3:::demo-dev-data-*/*"),
        "dev training: s3:GetObject on dev data/capture",
    ),
    Fault("dev training", "ListSource", unconditional, "dev training: s3:ListBucket on dev data"),
    Fault("dev training", "UseDataKey", on("*"), "dev training: kms:Decrypt on prod key/data"),
    Fault("dev training", "UseDataKey", unconditional, "dev training: kms:Decrypt on dev key/data"),
    Fault("dev training", "WriteArtifacts", also("s3:PutObjectTagging"), "dev training: s3:PutO"),
    Fault("dev training", "ReadSource", None, "dev training: s3:GetObject on dev data/source"),
    Fault("dev serving", "ReadApproved", unconditional, f"dev serving: s3:GetObject on {ARTIFACT}"),
    Fault("prod serving", "ReadApproved", on("*"), "prod serving: s3:GetObject on dev data"),
    Fault("prod serving", "ReadApproved", on("*"), "prod serving: s3:GetObject on staging arti"),
    Fault("dev pipeline", "OnlyAsPending", allowing, "dev pipeline: sagemaker:CreateModelPackage"),
    Fault("dev pipeline", "NeverApprove", allowing, "dev pipeline: sagemaker:UpdateModelPackage"),
    Fault("dev pipeline", "PassJobRoles", unconditional, PASSED_TO_EC2),
    Fault("dev pipeline", "PassJobRoles", on("*"), "dev pipeline: iam:PassRole on dev role/deploy"),
    Fault("dev pipeline", "PassJobRoles", on("*"), "dev pipeline: iam:PassRole on prod role"),
    Fault("dev deploy", "PassToSageMaker", unconditional, PASSED_TO_EC2),
    Fault("dev scientist", "Run", on("*"), "dev scientist: sagemaker:StartPipelineExecution on pr"),
    Fault("prod scientist", "Figures", also("s3:GetObject"), "prod scientist: s3:GetObject on pr"),
    Fault("dev plan", "ReadSageMaker", also("sagemaker:Update*"), "dev plan: sagemaker:Update"),
    Fault("dev plan", "ReadState", also("s3:PutObject"), "dev plan: s3:PutObject on dev state"),
    Fault("dev plan", "ReadDefinitions", on("*"), "dev plan: s3:GetObject on dev data"),
    Fault("dev approver", "Decide", anywhere("sagemaker:CreateTrainingJob"), "dev approver: sagem"),
    Fault(
        "dev approver", "Open", unconditional, f"dev approver: s3:PutObjectTagging on {ARTIFACT}"
    ),
    Fault("dev caller", "Ask", also("sagemaker:*"), "dev caller: sagemaker:UpdateEndpoint"),
    Fault("dev caller", "Ask", on("*"), "dev caller: sagemaker:InvokeEndpoint on prod"),
    Fault("dev trigger", "Start", on("*"), "dev trigger: sagemaker:StartPipelineExecution on prod"),
    Fault("dev monitoring", "PublishDrift", unconditional, "dev monitoring: cloudwatch:PutMetric"),
    Fault("dev deploy", "RolesUnderTheBoundary", unconditional, "dev deploy: iam:CreateRole"),
    Fault("dev deploy", "NeverApprove", allowing, "dev deploy: sagemaker:UpdateModelPackage"),
    Fault(
        "prod data", "OnlyByTls", None, "prod any: s3:GetObject on prod data/source/rows.parquet"
    ),
    Fault(
        "dev trust/approver", "Named", trusting_everyone, "dev researcher: sts:AssumeRole on dev"
    ),
    Fault("dev trust/scientist", "Named", None, "dev researcher: sts:AssumeRole on dev"),
    Fault("dev ingest", "Pseudonyms", None, f"dev ingest: {DECRYPT} given"),
    Fault("dev key/pseudonym", "Ingest", None, f"dev ingest: {DECRYPT} given"),
    Fault("dev key/pseudonym", "Ingest", without("aws:PrincipalArn"), f"dev owner: {DECRYPT}"),
    Fault("dev key/pseudonym", "SetUp", also("kms:Decrypt"), f"dev owner: {DECRYPT}"),
    Fault("dev key/pseudonym", "SetUp", unconditional, "dev owner: kms:Encrypt on dev key/pseudon"),
    Fault(
        "dev key/pseudonym", "Administration", also("kms:*"), "dev owner: kms:CreateGrant on dev"
    ),
]
BOUNDARY_FAULTS = [
    Fault("dev boundary", "Storage", on("*"), "dev administrator: s3:GetObject on prod data"),
    Fault("dev boundary", "Models", on("*"), "dev administrator: sagemaker:UpdateEndpoint on prod"),
    Fault("dev boundary", "Roles", on("*"), "dev administrator: iam:CreateUser"),
    Fault("dev boundary", "Keys", on("*"), "dev administrator: kms:Decrypt on prod key/data"),
    Fault("dev boundary", "PassToOurServices", None, "dev administrator: iam:PassRole on dev"),
    Fault("dev boundary", "OnlyUnderTheBoundary", None, "dev administrator: iam:CreateRole"),
    Fault("dev boundary", "KeepTheBoundary", None, "dev administrator: iam:CreatePolicyVersion"),
    Fault("dev boundary", "KeepItOnRoles", None, "dev administrator: iam:DeleteRolePermissionsB"),
]


@pytest.mark.parametrize(
    ("layout", "fault"),
    [
        *((Layout(shared=True, bounded=False), fault) for fault in FAULTS),
        *((Layout(shared=True, bounded=True), fault) for fault in BOUNDARY_FAULTS),
    ],
    ids=str,
)
def test_a_fault_in_a_document_turns_a_line_red(layout: Layout, fault: Fault) -> None:
    world = World(layout)
    lines = [line for line in table() if str(line).startswith(fault.line)]
    assert lines
    assert red(world, lines) == []
    fault.plant(world)
    assert red(world, lines)


# --- docs/access.md, which people read ------------------------------------------------------------


# What the page says in a sentence: the registry takes no changes from another account.
OF_ITS_OWN_ACCOUNT = ("sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage")


def page(world: World) -> Iterator[Line]:
    """A line for each question that the page answers, with its answer."""
    registry = world.names("dev")
    for environment in ENVIRONMENTS:
        names = world.names(environment)
        asked = [
            (place.words, request, given)
            for place in places(names, registry)
            for request in place.requests.values()
            for given in CIRCUMSTANCES.values()
            # A tag is an object's, a status a version's.
            if all(key.split(":")[0] == request.action.split(":")[0] for key in given)
        ]
        for kind, (words, request, given) in product(world.kinds(environment), asked):
            policies = world.documents[environment]["roles"][kind]
            outside = request.action in OF_ITS_OWN_ACCOUNT and names.account != registry.account
            allowed = permitted(policies, request, given) and not outside
            yield Line(
                f"{environment} {kind}",
                request.action,
                named(world, environment, request.resource),
                "; ".join(f"{key}={value}" for key, value in given.items()),
                "allow" if allowed else "deny",
                words,
            )


def named(world: World, environment: str, arn: str) -> str:
    """An ARN as the table has it, with whose it is."""
    if arn == "*":
        return arn
    for owner in (environment, "dev"):
        for thing in ("data", "artifacts", "logs", "package", "image"):
            known = world.arn(f"{owner} {thing}")
            if arn.startswith(known):
                return f"{owner} {thing}{arn.removeprefix(known)}"
    return f"{environment} {arn}"


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_the_page_says_what_the_engine_says(layout: Layout) -> None:
    world = World(layout)
    lines = list(page(world))
    assert {line.verdict for line in lines} == {"allow", "deny"}
    assert red(world, lines) == []


def test_a_page_that_is_no_longer_true_is_seen() -> None:
    world = World(LAYOUTS[0])
    lines = [line for line in page(world) if line.role == "dev training"]
    Fault("dev training", "ReadSource", on("*"), "").plant(world)
    assert any("captured requests" in line.because for line in lines)
    assert red(world, lines)
