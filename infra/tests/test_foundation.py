"""The whole first program: what it registers, and how, in each environment and with each choice."""

import functools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from infra import project
from infra.access import boundary
from infra.access import resources as resource_policies
from infra.access.ground import Ground, Keys
from infra.components.network import SERVICES
from infra.names import ACCOUNT, ENVIRONMENTS, MODELS, RUNS, Names
from infra.rehearsal.record import ProgramError, Resource, configuration, record

OTHER_ACCOUNT = "999999999999"
PROJECT = project.load()
KEYS = ("data", "logs", "topic", *(("pseudonym",) if PROJECT.pseudonymised else ()))
# Those that every project has: where nobody can prove to be CI, and without tracking.
ROLES = 9 if PROJECT.pseudonymised else 8
LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/organisation/limit"


@functools.cache
def _recorded(environment: str, config: str) -> list[Resource]:
    return record("foundation", environment, json.loads(config))


def recorded(environment: str = "dev", **config: Any) -> list[Resource]:
    return _recorded(environment, json.dumps(config, sort_keys=True))


def names(environment: str = "dev") -> Names:
    region = configuration("foundation", environment)["aws:region"]
    return Names(PROJECT.slug, environment, ACCOUNT, region)


def kind(resource: Resource) -> str:
    """`Bucket` of `aws:s3/bucket:Bucket`."""
    return resource.type.rpartition(":")[2]


def of(resources: list[Resource], wanted: str) -> list[Resource]:
    return [one for one in resources if one.custom and kind(one) == wanted]


def only(resources: list[Resource], wanted: str, name: str | None = None) -> Resource:
    (found,) = [one for one in of(resources, wanted) if name in (None, one.name)]
    return found


def waits_for(one: Resource, other: Resource) -> bool:
    known = {urn for urns in one.property_dependencies.values() for urn in urns}
    return other.urn in known | set(one.dependencies)


def created(environment: str) -> set[str]:
    """What a stack file creates of what exists once an account."""
    config = configuration("foundation", environment)
    keys = ("registry", "oidc", "trail")
    return {key for key in keys if config[f"{PROJECT.slug}-foundation:{key}"] == "create"}


def oidc() -> str:
    return str(configuration("foundation", "dev")[f"{PROJECT.slug}-foundation:oidc"])


# --- Everything -----------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_resource_is_a_part_of_a_component(environment: str) -> None:
    resources = recorded(environment)
    components = {one.urn for one in resources if not one.custom}
    assert components
    assert [one.urn for one in resources if one.custom and one.parent not in components] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_holds_data_or_evidence_is_protected_and_nothing_else(environment: str) -> None:
    holding = {"Key", "Bucket", "Repository", "ModelPackageGroup", "Trail", "MlflowApp"}
    resources = [one for one in recorded(environment, tracking="managed") if one.custom]
    assert {kind(one) for one in resources} >= {"Key", "Bucket", "MlflowApp"}
    assert {one.urn for one in resources if one.protect} == {
        one.urn for one in resources if kind(one) in holding
    }


def test_what_can_be_tagged_says_whose_it_is() -> None:
    tagged = [one.props["tags"] for one in recorded() if "tags" in one.props]
    assert len(tagged) > 30
    for tags in tagged:
        assert tags["project"] == PROJECT.slug
        assert tags["environment"] == "dev"
        assert tags["owner"] == PROJECT.owner


def test_one_environment_creates_what_an_account_has_once() -> None:
    made = Counter(key for environment in ENVIRONMENTS for key in created(environment))
    assert made["registry"] == made["trail"] == 1
    assert made["oidc"] == (0 if oidc() == "none" else 1)
    assert all(key in created("dev") for key in made)


def test_networks_of_environments_do_not_overlap() -> None:
    blocks = {only(recorded(one), "Vpc").props["cidrBlock"] for one in ENVIRONMENTS}
    assert len(blocks) == len(ENVIRONMENTS)


def test_a_wrong_setting_stops_the_program_with_the_line_that_mends_it() -> None:
    with pytest.raises(ProgramError, match=r"monthlyBudget .* is 0.*pulumi config set"):
        record("foundation", "dev", {"monthlyBudget": 0})


# --- Choices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"registry": "create"}, {"Repository": 1, "ModelPackageGroup": 1, "RepositoryPolicy": 0}),
        (
            {"registryReaders": [OTHER_ACCOUNT]},
            {"RepositoryPolicy": 1, "ModelPackageGroupPolicy": 1},
        ),
        ({"trail": "none"}, {"Trail": 0}),
        ({"trail": "existing"}, {"Trail": 0}),
        ({"oidc": "create"}, {"OpenIdConnectProvider": 1, "Role": ROLES + 2}),
        ({"oidc": "create"}, {"RolePolicyAttachment": 3}),
        ({"oidc": "existing"}, {"OpenIdConnectProvider": 0, "Role": ROLES + 2}),
        ({"oidc": "none"}, {"OpenIdConnectProvider": 0, "Role": ROLES, "RolePolicyAttachment": 0}),
        ({"oidc": "none", "tracking": "managed"}, {"MlflowApp": 1, "Role": ROLES + 1}),
        ({"tracking": "none"}, {"MlflowApp": 0}),
        (
            {"oidc": "none", "boundary": "existing", "boundaryArn": LIMIT},
            {"Policy": 0},
        ),
        ({"alarmEmails": ["a@example.com", "b@example.com"]}, {"TopicSubscription": 2}),
        ({"alarmEmails": []}, {"TopicSubscription": 0}),
        ({"network": "none", "availabilityZones": []}, {"Vpc": 0, "Subnet": 0, "VpcEndpoint": 0}),
    ],
)
def test_a_choice_makes_what_it_says(changes: dict[str, Any], counts: dict[str, int]) -> None:
    resources = recorded("dev", **changes)
    assert {name: len(of(resources, name)) for name in counts} == counts


def test_an_existing_registry_makes_none() -> None:
    resources = recorded("prod")
    assert of(resources, "Repository") == of(resources, "ModelPackageGroup") == []


# --- Keys -----------------------------------------------------------------------------------------


def test_keys_turn_and_have_aliases_that_are_known_beforehand() -> None:
    resources = recorded()
    assert all(one.props["enableKeyRotation"] for one in of(resources, "Key"))
    assert {one.props["name"] for one in of(resources, "Alias")} == {
        names().key_alias(kind) for kind in KEYS
    }


def test_readers_are_let_in_by_the_key_the_bucket_the_images_and_the_packages() -> None:
    resources = recorded("dev", registryReaders=[OTHER_ACCOUNT])
    policies = [
        only(resources, "Key", "data").props["policy"],
        only(resources, "BucketPolicy", "artifacts").props["policy"],
        only(resources, "RepositoryPolicy").props["policy"],
        only(resources, "ModelPackageGroupPolicy").props["resourcePolicy"],
    ]
    assert all(f":iam::{OTHER_ACCOUNT}:root" in policy for policy in policies)
    for closed in ("data", "logs"):
        assert OTHER_ACCOUNT not in only(resources, "BucketPolicy", closed).props["policy"]


@pytest.mark.usefixtures("no_pseudonyms")
def test_without_pseudonyms_there_is_no_key_and_no_role_for_them() -> None:
    resources = record("foundation", "dev")
    assert {one.name for one in of(resources, "Key")} == {"data", "logs", "topic"}
    assert "ingest" not in {one.name for one in of(resources, "Role")}


@pytest.mark.usefixtures("pseudonyms")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_with_pseudonyms_there_is_a_key_that_ingest_alone_may_have_opened(environment: str) -> None:
    resources = record("foundation", environment)
    key = only(resources, "Key", "pseudonym")
    assert key.protect
    assert key.props["enableKeyRotation"]
    assert only(resources, "Alias", "pseudonym").props["name"] == (
        names(environment).key_alias("pseudonym")
    )
    policy = json.loads(key.props["policy"])
    assert policy == resource_policies.pseudonym_key(names(environment))
    assert names(environment).role_arn("ingest") in key.props["policy"]
    decrypting = {
        one.name
        for one in of(resources, "RolePolicy")
        for statement in json.loads(one.props["policy"])["Statement"]
        if "kms:Decrypt" in statement["Action"] and key.outputs["arn"] in statement["Resource"]
    }
    assert decrypting == {"ingest"}
    assert key.outputs["arn"] in only(resources, "Policy", "boundary").props["policy"]


# --- Buckets --------------------------------------------------------------------------------------


def test_buckets_have_the_names_that_access_is_written_for() -> None:
    found = {one.props["bucket"] for one in of(recorded(), "Bucket")}
    assert found == {names().bucket(kind) for kind in ("data", "artifacts", "logs")}


@pytest.mark.parametrize("bucket", ["data", "artifacts", "logs"])
def test_a_bucket_is_versioned_private_and_owned(bucket: str) -> None:
    resources = recorded()
    versioning = only(resources, "BucketVersioning", bucket).props["versioningConfiguration"]
    assert versioning == {"status": "Enabled"}
    owned = only(resources, "BucketOwnershipControls", bucket).props["rule"]
    assert owned == {"objectOwnership": "BucketOwnerEnforced"}
    block = only(resources, "BucketPublicAccessBlock", bucket).props
    assert [value for key, value in block.items() if key != "bucket"] == [True] * 4


def encryption(bucket: str) -> dict[str, Any]:
    (rule,) = only(recorded(), "BucketServerSideEncryptionConfiguration", bucket).props["rules"]
    return dict(rule["applyServerSideEncryptionByDefault"])


@pytest.mark.parametrize("bucket", ["data", "artifacts"])
def test_data_and_artefacts_are_encrypted_with_the_data_key(bucket: str) -> None:
    key = only(recorded(), "Key", "data").outputs["arn"]
    assert encryption(bucket) == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}


def test_the_bucket_of_access_logs_has_no_kms_key_since_s3_could_not_write_there() -> None:
    assert encryption("logs") == {"sseAlgorithm": "AES256"}


@pytest.mark.parametrize("bucket", ["data", "artifacts"])
def test_access_is_logged_once_the_logs_bucket_lets_s3_in(bucket: str) -> None:
    resources = recorded()
    logging = only(resources, "BucketLogging", bucket)
    assert logging.props["targetBucket"] == names().bucket("logs")
    assert logging.props["targetPrefix"].startswith("access/")
    assert waits_for(logging, only(resources, "BucketPolicy", "logs"))


def test_only_new_data_is_told_to_eventbridge() -> None:
    told = only(recorded(), "BucketNotification")
    assert (told.name, told.props["eventbridge"]) == ("data", True)


def lifecycle(bucket: str, environment: str = "dev") -> dict[str, dict[str, Any]]:
    """The rules of a bucket, by name."""
    rules = only(recorded(environment), "BucketLifecycleConfiguration", bucket).props["rules"]
    assert {rule["status"] for rule in rules} == {"Enabled"}
    return {rule["id"]: rule for rule in rules}


def expiring(bucket: str, environment: str = "dev") -> dict[str, int]:
    """After how many days nothing is left of an object, by what its key begins with."""
    rules = lifecycle(bucket, environment)
    old = rules["old-versions"]["noncurrentVersionExpiration"]["noncurrentDays"]
    return {
        rule["filter"]["prefix"]: rule["expiration"]["days"] + old
        for rule in rules.values()
        if "days" in rule.get("expiration", {})
    }


# What no retention is about, and why.
KEPT = {
    f"artifacts/{MODELS}/": "an endpoint may need it, or the way back to an older one",
    "artifacts/params/": "what people chose, not data",
    "artifacts/definitions/": "pipelines that are deployed",
    "artifacts/mlflow/": "what experiments are compared by",
}


@pytest.mark.usefixtures("pseudonyms")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_wherever_a_role_may_write_data_the_contract_says_how_long_it_is_kept(
    environment: str,
) -> None:
    places = set(written(environment))
    assert places >= KEPT.keys() | {"data/source/", "data/capture/", f"artifacts/{RUNS}/"}
    for place in places - KEPT.keys():
        bucket, _, prefix = place.partition("/")
        days = [kept for start, kept in expiring(bucket).items() if prefix.startswith(start)]
        assert days == [PROJECT.retention_days], place


def written(environment: str) -> Iterator[str]:
    """Where roles may write among data and artefacts: a bucket, and what keys begin with."""
    resources = record("foundation", environment, {"tracking": "managed"})
    made = [*of(resources, "RolePolicy"), *of(resources, "Policy")]
    documents = [json.loads(one.props["policy"]) for one in made if one.name != "boundary"]
    statements = [statement for document in documents for statement in document["Statement"]]
    for statement in statements:
        if statement["Effect"] == "Allow" and "s3:PutObject" in statement["Action"]:
            for arn in statement["Resource"]:
                for bucket in ("data", "artifacts"):
                    start = f"{names(environment).bucket_arn(bucket)}/"
                    if arn.startswith(start):
                        yield f"{bucket}/{arn.removeprefix(start).removesuffix('*')}"


@pytest.mark.parametrize("bucket", ["data", "artifacts", "logs"])
def test_old_versions_broken_uploads_and_marks_go_everywhere(bucket: str) -> None:
    rules = lifecycle(bucket)
    everywhere = [rules[name] for name in ("old-versions", "uploads", "delete-markers")]
    # S3 refuses a rule without a filter.
    assert [rule["filter"] for rule in everywhere] == [{"prefix": ""}] * 3
    old, uploads, markers = everywhere
    assert old["noncurrentVersionExpiration"]["noncurrentDays"] <= 30
    assert uploads["abortIncompleteMultipartUpload"]["daysAfterInitiation"] == 7
    assert markers["expiration"] == {"expiredObjectDeleteMarker": True}
    made = only(recorded(), "BucketLifecycleConfiguration", bucket)
    assert waits_for(made, only(recorded(), "BucketVersioning", bucket))


def test_logs_are_kept_longer_in_prod() -> None:
    assert expiring("logs", "prod")[""] > expiring("logs", "dev")[""] >= 365


# --- Network --------------------------------------------------------------------------------------


def test_nothing_leads_to_the_internet() -> None:
    resources = recorded()
    assert not any("Gateway" in kind(one) for one in resources)
    assert not any("routes" in one.props for one in of(resources, "RouteTable"))
    assert not any(one.props["mapPublicIpOnLaunch"] for one in of(resources, "Subnet"))
    for wanted in ("SecurityGroupIngressRule", "SecurityGroupEgressRule"):
        assert not any("cidrIpv4" in one.props for one in of(resources, wanted))


def test_subnets_are_in_different_zones_and_share_the_routes() -> None:
    resources = recorded()
    assert len({one.props["availabilityZone"] for one in of(resources, "Subnet")}) >= 2
    assert len(of(resources, "RouteTableAssociation")) == len(of(resources, "Subnet"))


def test_jobs_reach_the_services_that_sagemaker_needs() -> None:
    resources = recorded()
    found = {one.props["serviceName"]: one.props for one in of(resources, "VpcEndpoint")}
    region = names().region
    assert set(found) == {f"com.amazonaws.{region}.{name}" for name in ("s3", *SERVICES)}
    assert set(SERVICES) >= {"sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "logs"}
    subnets = {one.outputs["id"] for one in of(resources, "Subnet")}
    for name, props in found.items():
        assert "policy" in props
        if not name.endswith(".s3"):
            assert props["vpcEndpointType"] == "Interface"
            assert props["privateDnsEnabled"] is True
            assert set(props["subnetIds"]) == subnets


def test_jobs_of_one_training_reach_each_other() -> None:
    resources = recorded()
    group = only(resources, "SecurityGroup", "network-jobs").outputs["id"]
    for wanted in ("SecurityGroupIngressRule", "SecurityGroupEgressRule"):
        among = [
            one
            for one in of(resources, wanted)
            if one.props["securityGroupId"] == one.props.get("referencedSecurityGroupId") == group
        ]
        assert len(among) == 1


def test_the_default_security_group_lets_nothing_through() -> None:
    default = only(recorded(), "DefaultSecurityGroup")
    assert not default.props.keys() & {"ingress", "egress"}
    assert default.props["vpcId"] == only(recorded(), "Vpc").outputs["id"]


def test_connections_are_recorded() -> None:
    flow = only(recorded(), "FlowLog")
    assert flow.props["trafficType"] == "ALL"
    assert flow.props["logDestination"] == f"{names().bucket_arn('logs')}/flow"
    assert waits_for(flow, only(recorded(), "BucketPolicy", "logs"))


# --- Registry -------------------------------------------------------------------------------------


def test_images_are_immutable_scanned_and_encrypted() -> None:
    props = only(recorded(), "Repository").props
    assert props["imageTagMutability"] == "IMMUTABLE"
    assert props["imageScanningConfiguration"] == {"scanOnPush": True}
    (encrypted,) = props["encryptionConfigurations"]
    assert encrypted == {
        "encryptionType": "KMS",
        "kmsKey": only(recorded(), "Key", "data").outputs["arn"],
    }


# --- Roles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_waits_for_the_boundary_it_is_under(environment: str) -> None:
    resources = recorded(environment)
    limit = only(resources, "Policy", "boundary")
    assert of(resources, "Role")
    for role in of(resources, "Role"):
        assert role.props["permissionsBoundary"] == names(environment).boundary_arn
        assert waits_for(role, limit), role.name


def test_an_existing_boundary_is_every_roles() -> None:
    resources = recorded("dev", oidc="none", boundary="existing", boundaryArn=LIMIT)
    assert {one.props["permissionsBoundary"] for one in of(resources, "Role")} == {LIMIT}


def test_the_boundary_is_made_as_it_is_written() -> None:
    resources = recorded("dev", oidc="none")
    keys = Keys(*(only(resources, "Key", one).outputs["arn"] for one in KEYS))
    ground = Ground(names(), names(), keys, names().boundary_arn)
    made = json.loads(only(resources, "Policy", "boundary").props["policy"])
    assert made == boundary.boundary(ground)


def test_roles_have_fixed_names_and_a_policy() -> None:
    resources = recorded()
    roles = of(resources, "Role")
    assert {one.props["name"] for one in roles} == {names().role(one.name) for one in roles}
    policies = {one.props["role"]: one for one in of(resources, "RolePolicy")}
    assert set(policies) == {one.props["name"] for one in roles}
    key = only(resources, "Key", "data").outputs["arn"]
    assert key in policies[names().role("training")].props["policy"]


def test_documents_of_another_accounts_registry_reach_there() -> None:
    resources = recorded("prod", registryAccount=OTHER_ACCOUNT)
    policy = only(resources, "RolePolicy", "serving").props["policy"]
    assert f"{PROJECT.slug}-dev-artifacts-{OTHER_ACCOUNT}/{MODELS}/*" in policy
    assert f"alias/{PROJECT.slug}-dev-data" in policy


# --- Audit, alarms, cost --------------------------------------------------------------------------


def test_the_trail_watches_data_and_artefacts_of_every_environment_and_never_its_own_bucket() -> (
    None
):
    (selector,) = only(recorded(), "Trail").props["advancedEventSelectors"]
    fields = {one["field"]: one for one in selector["fieldSelectors"]}
    assert fields["eventCategory"]["equals"] == ["Data"]
    assert set(fields["resources.ARN"]["startsWiths"]) == {
        f"{names(environment).bucket_arn(kind)}/"
        for environment in ENVIRONMENTS
        for kind in ("data", "artifacts")
    }


def test_the_trail_is_validated_encrypted_and_waits_for_its_bucket() -> None:
    resources = recorded()
    trail = only(resources, "Trail")
    assert trail.props["enableLogFileValidation"] is True
    assert trail.props["kmsKeyId"] == only(resources, "Key", "logs").outputs["arn"]
    assert waits_for(trail, only(resources, "BucketPolicy", "logs"))


def test_the_topic_has_a_key_of_its_own() -> None:
    resources = recorded()
    assert (
        only(resources, "Topic").props["kmsMasterKeyId"]
        == (only(resources, "Key", "topic").outputs["arn"])
    )
    assert only(resources, "TopicPolicy").props["arn"] == only(resources, "Topic").outputs["arn"]


def test_the_budget_counts_this_environment_and_tells_topic_and_addresses() -> None:
    resources = recorded("dev", monthlyBudget=250, budgetEmails=["money@example.com"])
    budget = only(resources, "Budget").props
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == (
        "250",
        "USD",
        "MONTHLY",
    )
    counted = [one["tags"] for one in budget["filterExpression"]["ands"]]
    assert {(one["key"], *one["values"]) for one in counted} == {
        ("project", PROJECT.slug),
        ("environment", "dev"),
    }
    topic = only(resources, "Topic").outputs["arn"]
    for told in budget["notifications"]:
        assert told["subscriberSnsTopicArns"] == [topic]
        assert told["subscriberEmailAddresses"] == ["money@example.com"]
    kinds = Counter(told["notificationType"] for told in budget["notifications"])
    assert kinds == {"ACTUAL": 2, "FORECASTED": 1}


def test_managed_mlflow_waits_for_its_role_and_registers_nothing() -> None:
    resources = recorded("dev", tracking="managed")
    app = only(resources, "MlflowApp")
    assert app.props["modelRegistrationMode"] == "AutoModelRegistrationDisabled"
    assert app.props["artifactStoreUri"] == f"s3://{names().bucket('artifacts')}/mlflow"
    assert waits_for(app, only(resources, "RolePolicy", "tracking"))
