"""What each role may do, read from its documents; the access matrix asks an IAM engine besides."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings

from infra.access import all_roles, endpoints, resources
from infra.access.boundary import boundary
from infra.access.documents import Document, Statement
from infra.access.ground import Federation, Ground, Keys, People
from infra.names import ENVIRONMENTS, Names

from .test_names import LONGEST, NAMES, ROLES

GITHUB = Federation("github", "https://github.com/team/tumours")
GITLAB = Federation("gitlab", "https://gitlab.example.com/group/team/tumours")
OTHER_ACCOUNT = "999999999999"


def named(environment: str = "dev", account: str = "123456789012") -> Names:
    return Names("tumours", environment, account, "eu-west-1")


def ground(
    names: Names | None = None,
    registry: Names | None = None,
    federation: Federation | None = GITHUB,
    people: People | None = None,
) -> Ground:
    """With pseudonyms, as there is then most to say."""
    names = names or named()
    keys = Keys(*(names.arn("kms", f"key/{'0' * 35}{number}") for number in range(4)))
    owner = registry or names
    return Ground(names, owner, keys, names.boundary_arn, people or People(), federation)


# Each environment with a registry of its own, with another's, and with another account's.
GROUNDS = [
    ground(named(environment), registry)
    for environment, registry in product(
        ENVIRONMENTS, (None, named("dev"), named("dev", OTHER_ACCOUNT))
    )
]


def allowed(document: Document) -> Iterator[tuple[str, str, Any]]:
    """Each action that is allowed, on what, and under which conditions."""
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            for action, resource in product(statement["Action"], statement["Resource"]):
                yield action, resource, statement.get("Condition", {})


def grants(place: Ground, kind: str) -> list[tuple[str, str, Any]]:
    return [found for document in all_roles(place)[kind].policies for found in allowed(document)]


def reach(place: Ground, kind: str, action: str, resource: str) -> list[Any]:
    """The conditions under which a role may do something; empty where it may not."""
    return [
        condition
        for pattern, where, condition in grants(place, kind)
        if fnmatchcase(action, pattern) and fnmatchcase(resource, where)
    ]


def every(place: Ground) -> Iterator[tuple[str, Document]]:
    for kind, role in all_roles(place).items():
        for document in role.policies:
            yield kind, document


def length(document: Document) -> int:
    """As IAM counts, without white space."""
    return len(json.dumps(document, separators=(",", ":")))


def statement(document: Document, sid: str) -> Statement:
    (found,) = [one for one in document["Statement"] if one["Sid"] == sid]
    return dict(found)


# --- The form of documents ------------------------------------------------------------------------


def test_there_is_a_role_for_everybody() -> None:
    assert set(all_roles(ground())) == set(ROLES)


def test_without_an_identity_provider_ci_has_no_role() -> None:
    assert set(ROLES) - set(all_roles(ground(federation=None))) == {"plan", "deploy"}


def test_without_pseudonyms_nobody_speaks_of_their_key_or_of_a_role_for_it() -> None:
    place = ground()
    without = replace(place, keys=replace(place.keys, pseudonym=None))
    assert set(all_roles(place)) - set(all_roles(without)) == {"ingest"}
    for document in [*(document for _, document in every(without)), boundary(without)]:
        assert str(place.keys.pseudonym) not in json.dumps(document)
        assert place.names.role_arn("ingest") not in json.dumps(document)


@pytest.mark.parametrize("owner", [LONGEST, replace(LONGEST, account=OTHER_ACCOUNT)])
def test_documents_fit_into_iam_with_the_longest_names(owner: Names) -> None:
    repository = f"https://{'git' * 9}.example.com/{'team' * 9}/{'a' * 32}"
    place = ground(LONGEST, owner, Federation("gitlab", repository))
    for role in all_roles(place).values():
        assert length(role.policy) <= 10_240
        assert all(length(document) <= 6_144 for document in role.more.values())
        assert length(role.trust) <= 2_048
    assert length(boundary(place)) <= 6_144


@given(NAMES)
@settings(max_examples=25)
def test_documents_are_plain_and_their_statements_have_names(names: Names) -> None:
    place = ground(names)
    for _, document in [*every(place), ("boundary", boundary(place))]:
        assert json.loads(json.dumps(document)) == document
        sids = [one["Sid"] for one in document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
        assert all(one["Action"] and one["Resource"] for one in document["Statement"])


@pytest.mark.parametrize("place", GROUNDS)
def test_no_role_may_do_everything_of_a_service(place: Ground) -> None:
    for kind, document in every(place):
        for action, _, _ in allowed(document):
            assert not re.fullmatch(r"\*|\w+:\*", action), (kind, action)


@pytest.mark.parametrize("place", GROUNDS)
def test_everywhere_is_only_for_looking(place: Ground) -> None:
    for kind, document in every(place):
        for action, resource, condition in allowed(document):
            if resource == "*" and action == "cloudwatch:PutMetricData":
                assert "cloudwatch:namespace" in condition["StringLike"], kind
            elif resource == "*":
                assert re.match(r"\w[\w-]*:(Describe|Get|List)", action), (kind, action)


# --- Who may take a role on -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["pipeline", "training", "ingest", "serving", "monitoring", "trigger", "tracking"]
)
def test_services_act_for_this_account_only(kind: str) -> None:
    (trusted,) = all_roles(ground())[kind].trust["Statement"]
    assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    expected = {"trigger": {"events.amazonaws.com", "scheduler.amazonaws.com"}}
    assert set(trusted["Principal"]["Service"]) == expected.get(kind, {"sagemaker.amazonaws.com"})


@pytest.mark.parametrize("kind", ["scientist", "approver", "caller"])
def test_nobody_takes_a_persons_role_on_until_named(kind: str) -> None:
    (trusted,) = all_roles(ground())[kind].trust["Statement"]
    assert (trusted["Effect"], trusted["Principal"]) == ("Deny", {"AWS": "*"})


def test_those_who_are_named_take_their_own_role_on() -> None:
    arns = [f"arn:aws:iam::123456789012:role/{name}" for name in ("science", "risk", "shop")]
    roles = all_roles(ground(people=People(*((arn,) for arn in arns))))
    for kind, arn in zip(("scientist", "approver", "caller"), arns, strict=True):
        (trusted,) = roles[kind].trust["Statement"]
        assert (trusted["Effect"], trusted["Principal"]) == ("Allow", {"AWS": [arn]})


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_github_deploys_only_from_the_environments_own_jobs(environment: str) -> None:
    (trusted,) = all_roles(ground(named(environment)))["deploy"].trust["Statement"]
    issuer = "token.actions.githubusercontent.com"
    assert trusted["Condition"] == {
        "StringEquals": {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": [f"repo:team/tumours:environment:{environment}"],
        }
    }
    assert trusted["Principal"]["Federated"].endswith(f":oidc-provider/{issuer}")


def test_github_plans_for_pull_requests() -> None:
    (trusted,) = all_roles(ground())["plan"].trust["Statement"]
    (subjects,) = [v for k, v in trusted["Condition"]["StringEquals"].items() if k.endswith(":sub")]
    assert subjects == ["repo:team/tumours:pull_request", "repo:team/tumours:ref:refs/heads/main"]


def test_gitlab_deploys_from_the_main_branch_and_plans_from_any() -> None:
    roles = all_roles(ground(federation=GITLAB))
    (deploy,), (plan,) = (roles[kind].trust["Statement"] for kind in ("deploy", "plan"))
    subject = "gitlab.example.com:sub"
    path = "project_path:group/team/tumours:ref_type:branch:ref"
    assert deploy["Condition"]["StringEquals"][subject] == [f"{path}:main"]
    assert plan["Condition"]["StringLike"] == {subject: [f"{path}:*"]}
    audience = plan["Condition"]["StringEquals"]["gitlab.example.com:aud"]
    assert audience == "https://gitlab.example.com"


def test_a_github_server_is_its_own_issuer() -> None:
    assert Federation("github", "https://git.example.com/team/x").issuer == (
        "git.example.com/_services/token"
    )


# --- What roles may do ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", GROUNDS)
def test_a_role_is_passed_to_one_service_by_name(place: Ground) -> None:
    for kind, document in every(place):
        for action, resource, condition in allowed(document):
            if action == "iam:PassRole":
                service = condition["StringEquals"]["iam:PassedToService"]
                assert service in {
                    f"{name}.amazonaws.com" for name in ("sagemaker", "events", "scheduler")
                }, kind
                assert "*" not in resource
                assert kind in {"pipeline", "deploy"}


def test_the_pipeline_passes_only_the_roles_of_jobs() -> None:
    passed = {arn for action, arn, _ in grants(ground(), "pipeline") if action == "iam:PassRole"}
    assert passed == {named().role_arn(kind) for kind in ("training", "monitoring", "ingest")}


@pytest.mark.parametrize("place", GROUNDS)
def test_the_pipeline_registers_only_as_pending(place: Ground) -> None:
    pending = {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}
    package = place.group_arns[1]
    for condition in reach(place, "pipeline", "sagemaker:CreateModelPackage", package):
        assert condition == {"StringEquals": pending}
    denied = statement(all_roles(place)["pipeline"].policy, "OnlyAsPending")
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"StringNotEquals": pending}
    assert denied["Resource"] == ["*"]


@pytest.mark.parametrize("place", GROUNDS)
@pytest.mark.parametrize("action", ["sagemaker:UpdateModelPackage", "s3:PutObjectTagging"])
def test_only_the_approver_approves(place: Ground, action: str) -> None:
    kinds = {
        kind
        for kind, document in every(place)
        for pattern, _, _ in allowed(document)
        if fnmatchcase(action, pattern)
    }
    assert kinds == {"approver"}


def test_the_approver_sets_no_other_tag() -> None:
    tagged = f"{named().bucket_arn('artifacts')}/pipeline/models/1/package/model.tar.gz"
    (condition,) = reach(ground(), "approver", "s3:PutObjectTagging", tagged)
    assert condition["StringEquals"] == {"s3:RequestObjectTag/approved": ["true", "false"]}
    assert condition["ForAllValues:StringEquals"] == {"s3:RequestObjectTagKeys": ["approved"]}


def test_the_approver_starts_and_makes_nothing() -> None:
    actions = {action for action, _, _ in grants(ground(), "approver")}
    assert not [
        a for a in actions if re.match(r"\w+:(Create|Start|Invoke|Put(?!ObjectTagging))", a)
    ]


@pytest.mark.parametrize("place", GROUNDS)
def test_the_server_reads_only_models_that_were_approved(place: Ground) -> None:
    approved = {"StringEquals": {"s3:ExistingObjectTag/approved": "true"}}
    for owner in {place.names, place.registry}:
        model = f"{owner.bucket_arn('artifacts')}/pipeline/models/1/package/model.tar.gz"
        assert reach(place, "serving", "s3:GetObject", model) == [approved]
        params = f"{owner.bucket_arn('artifacts')}/params/1/params.yaml"
        assert reach(place, "serving", "s3:GetObject", params) == []
    assert (
        reach(place, "serving", "s3:GetObject", f"{place.names.bucket_arn('data')}/source/x") == []
    )


@pytest.mark.parametrize("place", GROUNDS)
@pytest.mark.parametrize("kind", ROLES)
def test_no_role_reaches_the_data_of_another_environment(place: Ground, kind: str) -> None:
    for environment in set(ENVIRONMENTS) - {place.names.environment}:
        other = named(environment)
        for action in ("s3:GetObject", "s3:PutObject"):
            source = f"{other.bucket_arn('data')}/source/data.csv"
            assert reach(place, kind, action, source) == []
            output = f"{other.bucket_arn('artifacts')}/pipeline/runs/1/features/train.parquet"
            assert reach(place, kind, action, output) == []
        # Of its artefacts, approved models at most.
        model = f"{other.bucket_arn('artifacts')}/pipeline/models/1/package/model.tar.gz"
        for condition in reach(place, kind, "s3:GetObject", model):
            assert "s3:ExistingObjectTag/approved" in condition["StringEquals"]
        assert reach(place, kind, "s3:PutObject", model) == []


@pytest.mark.parametrize("kind", ["training", "ingest"])
def test_jobs_leave_source_data_as_it_is(kind: str) -> None:
    source = f"{named().bucket_arn('data')}/source/data.csv"
    assert reach(ground(), kind, "s3:GetObject", source)
    assert not reach(ground(), kind, "s3:PutObject", source)
    assert not [a for a, _, _ in grants(ground(), kind) if "Delete" in a and "s3" in a]


CONTEXT = {
    "kms:EncryptionContext:purpose": "pseudonym",
    "kms:EncryptionContext:project": "tumours",
    "kms:EncryptionContext:environment": "dev",
}


@pytest.mark.parametrize("place", GROUNDS)
def test_the_key_of_pseudonyms_is_decrypted_by_ingest_alone_and_for_its_purpose(
    place: Ground,
) -> None:
    key = str(place.keys.pseudonym)
    (condition,) = reach(place, "ingest", "kms:Decrypt", key)
    environment = {"kms:EncryptionContext:environment": place.names.environment}
    assert condition == {"StringEquals": {**CONTEXT, **environment}}
    for kind, document in every(place):
        using = ("kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant")
        found = {action for action in using if uses(document, action, key)}
        assert found == ({"kms:Decrypt"} if kind == "ingest" else set()), kind


def uses(document: Document, action: str, key: str) -> bool:
    """Whether a policy lets a role use a key itself, not by way of a service or of its alias."""
    return any(
        fnmatchcase(action, pattern)
        and fnmatchcase(key, where)
        and "kms:ResourceAliases" not in json.dumps(condition)
        for pattern, where, condition in allowed(document)
    )


def test_training_does_not_read_what_callers_asked() -> None:
    captured = f"{named().bucket_arn('data')}/capture/tumours-dev/1.jsonl"
    assert not reach(ground(), "training", "s3:GetObject", captured)
    assert reach(ground(), "monitoring", "s3:GetObject", captured)


def test_another_accounts_models_are_decrypted_by_the_alias_of_its_key() -> None:
    place = ground(named("prod"), named("dev", OTHER_ACCOUNT))
    key = f"arn:aws:kms:eu-west-1:{OTHER_ACCOUNT}:key/1"
    (condition,) = reach(place, "serving", "kms:Decrypt", key)
    assert condition["ForAnyValue:StringEquals"] == {
        "kms:ResourceAliases": "alias/tumours-dev-data"
    }
    assert condition["StringEquals"] == {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_outside_dev_a_scientist_reads_figures_and_nothing_else(environment: str) -> None:
    actions = {action for action, _, _ in grants(ground(named(environment)), "scientist")}
    assert actions == {
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListMetrics",
    }


def test_in_dev_a_scientist_runs_the_pipeline_of_dev() -> None:
    start = "sagemaker:StartPipelineExecution"
    for environment, may in (("dev", True), ("prod", False)):
        pipeline = named().arn("sagemaker", f"pipeline/tumours-{environment}")
        assert bool(reach(ground(), "scientist", start, pipeline)) is may


@pytest.mark.parametrize("place", GROUNDS)
def test_a_plan_only_reads(place: Ground) -> None:
    for action, _, _ in grants(place, "plan"):
        assert re.match(r"[\w-]+:(Describe|Get|List|View|Decrypt)", action), action


@pytest.mark.parametrize("place", GROUNDS)
def test_a_plan_reads_no_data(place: Ground) -> None:
    for kind, key in (("data", "source/x"), ("artifacts", "pipeline/runs/1/features/x")):
        objects = f"{place.names.bucket_arn(kind)}/{key}"
        assert reach(place, "plan", "s3:GetObject", objects) == []


def test_triggers_start_two_pipelines_and_nothing_else() -> None:
    assert {(action, arn.rpartition("/")[2]) for action, arn, _ in grants(ground(), "trigger")} == {
        ("sagemaker:StartPipelineExecution", "tumours-dev"),
        ("sagemaker:StartPipelineExecution", "tumours-dev-monitor"),
    }


def test_a_caller_asks_one_endpoint() -> None:
    ((action, arn, _),) = grants(ground(), "caller")
    assert action == "sagemaker:InvokeEndpoint"
    assert arn == named().arn("sagemaker", "endpoint/tumours-dev")


@pytest.mark.parametrize("place", GROUNDS)
def test_a_deployment_makes_roles_only_under_the_boundary(place: Ground) -> None:
    role = place.names.role_arn("training")
    for action in ("iam:CreateRole", "iam:PutRolePolicy"):
        (condition,) = reach(place, "deploy", action, role)
        assert condition == {"StringEquals": {"iam:PermissionsBoundary": place.boundary_arn}}
        assert not reach(place, "deploy", action, place.names.role_arn("x").replace("tumours", "a"))
    for action in ("iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:SetDefaultPolicyVersion"):
        assert not reach(place, "deploy", action, place.boundary_arn)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:DeleteBucket", "arn:aws:s3:::tumours-dev-data-123456789012"),
        ("s3:DeleteObject", "arn:aws:s3:::tumours-dev-data-123456789012/source/x"),
        (
            "s3:PutObject",
            "arn:aws:s3:::tumours-state-123456789012/.pulumi/stacks/tumours-a/prod.json",
        ),
        ("kms:ScheduleKeyDeletion", ground().keys.data),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:123456789012:trail/tumours-dev"),
        ("ecr:BatchDeleteImage", "arn:aws:ecr:eu-west-1:123456789012:repository/tumours"),
        (
            "sagemaker:UpdateEndpoint",
            "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/tumours-prod",
        ),
    ],
)
def test_a_deployment_takes_no_data_and_touches_no_other_environment(
    action: str, resource: str
) -> None:
    assert reach(ground(), "deploy", action, resource) == []


def test_a_deployment_writes_the_state_of_its_own_stacks() -> None:
    state = "arn:aws:s3:::tumours-state-123456789012/.pulumi"
    for key in ("stacks/tumours-serving/dev.json", "locks/organization/tumours-serving/dev/1.json"):
        assert reach(ground(), "deploy", "s3:PutObject", f"{state}/{key}")


def test_images_are_pushed_only_by_the_owner_of_the_registry() -> None:
    owner, other = ground(), ground(named("prod"), named("dev"))
    assert reach(owner, "deploy", "ecr:PutImage", owner.repository_arn)
    assert not reach(other, "deploy", "ecr:PutImage", owner.repository_arn)
    assert reach(other, "deploy", "ecr:BatchGetImage", owner.repository_arn)


# --- The boundary ---------------------------------------------------------------------------------


@pytest.mark.parametrize("place", GROUNDS)
def test_the_boundary_ends_at_the_environment(place: Ground) -> None:
    patterns = [(action, resource) for action, resource, _ in allowed(boundary(place))]
    for environment in set(ENVIRONMENTS) - {place.names.environment}:
        other = named(environment)
        for action, resource in (
            ("s3:GetObject", f"{other.bucket_arn('data')}/source/x"),
            ("s3:PutObject", f"{other.bucket_arn('artifacts')}/pipeline/x"),
            ("sagemaker:UpdateEndpoint", other.arn("sagemaker", f"endpoint/{other.prefix}")),
            ("iam:PutRolePolicy", other.role_arn("training")),
            ("iam:PassRole", other.role_arn("training")),
        ):
            assert not any(
                fnmatchcase(action, pattern) and fnmatchcase(resource, where)
                for pattern, where in patterns
            ), (action, resource)


@pytest.mark.parametrize("place", GROUNDS)
def test_whatever_a_role_may_do_the_boundary_lets_it(place: Ground) -> None:
    patterns = [(action, resource) for action, resource, _ in allowed(boundary(place))]
    for kind, document in every(place):
        for action, resource, _ in allowed(document):
            assert any(
                fnmatchcase(action, pattern) and fnmatchcase(resource, where)
                for pattern, where in patterns
            ), (kind, action, resource)


def test_the_boundary_cannot_be_taken_off_or_changed() -> None:
    document = boundary(ground())
    kept = statement(document, "KeepTheBoundary")
    assert kept["Effect"] == "Deny"
    assert kept["Resource"] == [named().boundary_arn]
    assert {"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"} <= set(kept["Action"])
    assert statement(document, "KeepItOnRoles")["Action"] == ["iam:DeleteRolePermissionsBoundary"]
    under = statement(document, "OnlyUnderTheBoundary")
    assert under["Condition"] == {
        "StringNotEquals": {"iam:PermissionsBoundary": named().boundary_arn}
    }


# --- Policies of resources ------------------------------------------------------------------------


def test_a_bucket_refuses_what_is_not_tls() -> None:
    refused = statement(resources.bucket(named(), "data"), "OnlyByTls")
    arn = named().bucket_arn("data")
    assert (refused["Effect"], refused["Principal"]) == ("Deny", "*")
    assert refused["Resource"] == [arn, f"{arn}/*"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_readers_get_approved_artefacts_and_the_keys_use_through_s3() -> None:
    readers = [OTHER_ACCOUNT]
    get, listed, tags = resources.approved_artifacts(named(), readers)
    principal = {"AWS": [f"arn:aws:iam::{OTHER_ACCOUNT}:root"]}
    assert get["Principal"] == tags["Principal"] == listed["Principal"] == principal
    assert listed["Condition"] == {"StringLike": {"s3:prefix": "pipeline/models/*"}}
    assert get["Condition"] == {"StringEquals": {"s3:ExistingObjectTag/approved": "true"}}
    decrypt = statement(resources.data_key(named(), readers), "ReadersDecrypt")
    assert decrypt["Action"] == ["kms:Decrypt"]
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    }


def test_without_readers_no_other_account_is_named() -> None:
    assert resources.approved_artifacts(named(), []) == []
    (only,) = resources.data_key(named(), [])["Statement"]
    assert only["Principal"] == {"AWS": ["arn:aws:iam::123456789012:root"]}


def test_readers_of_images_and_packages_write_nothing() -> None:
    documents = [
        resources.repository(named(), [OTHER_ACCOUNT]),
        resources.package_group(named(), [OTHER_ACCOUNT]),
    ]
    actions = {a for doc in documents for one in doc["Statement"] for a in one["Action"]}
    written = {
        action for action in actions if re.search(r":(Put|Update|Delete|Upload|Set)", action)
    }
    assert "ecr:BatchGetImage" in actions
    assert written == set()
    assert "sagemaker:CreateModelPackage" not in actions


def test_the_repositorys_policy_names_no_resource() -> None:
    (pull,) = resources.repository(named(), [OTHER_ACCOUNT])["Statement"]
    assert "Resource" not in pull


@pytest.mark.parametrize("document", [resources.topic_key(named()), resources.topic(named())])
def test_events_reach_the_topic_without_conditions_that_would_drop_them(document: Document) -> None:
    assert "Condition" not in statement(document, "Events")
    for sid, service in (("Alarms", "cloudwatch"), ("Budgets", "budgets"), ("Events", "events")):
        assert statement(document, sid)["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_alarms_and_budgets_publish_for_this_account_only() -> None:
    for document in (resources.topic_key(named()), resources.topic(named())):
        for sid in ("Alarms", "Budgets"):
            condition = statement(document, sid)["Condition"]
            assert condition == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_who_sets_the_key_of_pseudonyms_up_cannot_decrypt_it() -> None:
    document = resources.pseudonym_key(named())
    assert statement(document, "SetUp")["Action"] == ["kms:Encrypt"]
    assert statement(document, "SetUp")["Condition"] == {"StringEquals": CONTEXT}
    ingest = {"aws:PrincipalArn": named().role_arn("ingest")}
    assert statement(document, "Ingest")["Action"] == ["kms:Decrypt"]
    assert statement(document, "Ingest")["Condition"] == {"StringEquals": {**CONTEXT, **ingest}}
    # What hands the key's use on, or makes other uses of it.
    others = re.compile(r"kms:(\*|.*Encrypt|Decrypt|Generate|Derive|CreateGrant|.*Mac|Sign|Verify)")
    administered = statement(document, "Administration")["Action"]
    assert [action for action in administered if others.match(action) or "*" in action] == []


@pytest.mark.parametrize("kind", ["plan", "deploy"])
def test_what_ci_does_with_a_key_the_key_of_pseudonyms_lets_it(kind: str) -> None:
    place = ground()
    document = resources.pseudonym_key(place.names)
    asked = {action for action, where, _ in grants(place, kind) if where == place.keys.pseudonym}
    assert asked
    assert asked <= set(statement(document, "Administration")["Action"])


@pytest.mark.parametrize("make", [resources.logs_key, resources.topic_key, resources.pseudonym_key])
def test_iam_decides_on_a_key_and_nobody_is_locked_out(make: Any) -> None:
    assert statement(make(named()), "Administration")["Principal"] == {
        "AWS": ["arn:aws:iam::123456789012:root"]
    }


def test_log_groups_use_the_logs_key_by_their_names() -> None:
    used = statement(resources.logs_key(named()), "LogGroups")
    assert used["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    groups = used["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    for ours in ("/aws/sagemaker/TrainingJobs", "/aws/sagemaker/Endpoints/tumours-dev"):
        assert any(fnmatchcase(named().arn("logs", f"log-group:{ours}"), g) for g in groups)
    for other in ("/others/x", "/tumours/dev/x"):
        assert not any(fnmatchcase(named().arn("logs", f"log-group:{other}"), g) for g in groups)


@pytest.mark.parametrize("place", GROUNDS)
def test_log_groups_are_those_of_sagemaker_as_there_are_no_others(place: Ground) -> None:
    documents = [*(document for _, document in every(place)), boundary(place)]
    groups = {
        arn.partition(":log-group:")[2]
        for document in documents
        for _, arn, _ in allowed(document)
        if ":log-group:" in arn
    }
    assert groups
    assert all(group.startswith("/aws/sagemaker/") for group in groups)


def test_logs_are_delivered_for_this_account_only() -> None:
    for delivery in resources.log_delivery(named()):
        condition = json.dumps(delivery["Condition"])
        assert "123456789012" in condition, delivery["Sid"]
        assert list(delivery["Principal"]) == ["Service"]


def test_endpoints_of_the_network_pass_this_account_only() -> None:
    passed = statement(endpoints.interface(named(), "logs"), "OwnAccount")
    assert passed["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
    assert passed["Action"] == ["logs:*"]


def test_layers_of_images_come_through_the_gateway_to_s3() -> None:
    layers = statement(endpoints.storage(named()), "Layers")
    assert layers["Resource"] == ["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"]
    assert layers["Action"] == ["s3:GetObject"]
    # ECR signs these requests, so that a condition on the account would refuse them.
    assert "Condition" not in layers


@pytest.mark.parametrize("place", GROUNDS)
def test_no_wildcard_stands_where_iam_takes_none(place: Ground) -> None:
    documents = [*(document for _, document in every(place)), boundary(place)]
    for document in documents:
        for _, arn, _ in allowed(document):
            # arn:partition:service:region:account:type/..., of which all but the end is exact.
            if arn != "*" and ":s3:::" not in arn:
                assert "*" not in "".join(re.split("[:/]", arn, maxsplit=6)[:6]), arn
