"""The claims that only an account can confirm, and how each is put to the test there."""

import io
import json
import shutil
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

from .. import project
from ..names import PROGRAMS
from ..pipelines import graph, model_card
from ..serving.settings import ServingSettings
from . import released_file, rollback, run_pipeline
from .check import Account, Check, DisprovedError, NotYetError
from .package import Package
from .stacks import Stack

ENDPOINT = "aws:sagemaker/endpoint:Endpoint"


def quotas(account: Account) -> str:
    """The instances that jobs and endpoint need at once; a deployment doubles the fleet."""
    needed: dict[str, int] = {}
    for stage in graph.load(account.root).stages:
        name = f"{stage.hints.instance_type} for {stage.hints.job} job usage"
        needed[name] = max(needed.get(name, 0), stage.hints.instance_count)
    serving = ServingSettings.of_stack_file(account.names, account.root)
    if serving.shape == "realtime":
        needed[f"{serving.instance_type} for endpoint usage"] = 2 * serving.max_instances
    client = account.session.client("service-quotas")
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    found = {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}
    short = [
        f"{n}: {found.get(n, 0):g} of {count}"
        for n, count in needed.items()
        if found.get(n, 0) < count
    ]
    if short:
        raise DisprovedError(f"ask for more at Service Quotas, SageMaker: {'; '.join(short)}")
    return "; ".join(f"{name}: {found[name]:g}" for name in needed)


def settled(account: Account) -> str:
    """After an update the real provider finds nothing to change."""
    for program in PROGRAMS:
        stack = Stack(program, account.names.environment, account.root)
        changed = [
            step["urn"] for step in stack.plan() if step["op"] not in ("same", "read", "refresh")
        ]
        if changed:
            raise DisprovedError(f"{program} would change {', '.join(changed[:3])}")
    return "no program would change anything"


def promotion(account: Account) -> str:
    """With another version in released.yaml the endpoint is updated, and not replaced."""
    where = account.names.environment
    release = project.release(where, account.root)
    if release is None:
        raise NotYetError(f"nothing is released in {where}: `make promote` first")
    other = another_approved(account, release.package)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(account.root, copy, ignore=shutil.ignore_patterns(".git", ".venv", "build"))
        (copy / "infra" / ".venv").symlink_to(account.root / "infra" / ".venv")
        file = copy / "released.yaml"
        new = project.Release(other.artifact, other.digest, other.arn)
        released_file.replace(file, released_file.with_release(file.read_text(), where, new))
        steps = Stack("serving", where, copy).plan()
    operations = {
        step["op"] for step in steps if f"::{ENDPOINT}::" in f"{step['urn']}::".replace("$", "::")
    }
    if operations != {"update"}:
        raise DisprovedError(
            f"the endpoint's plan is {', '.join(sorted(operations)) or 'nothing'}, not update"
        )
    return f"releasing {other.arn} would update the endpoint in place"


def another_approved(account: Account, current: str | None) -> Package:
    """An approved version that is not the released one."""
    client = account.session.client("sagemaker")
    pages = client.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=account.names.slug, ModelApprovalStatus="Approved"
    )
    arns = [found["ModelPackageArn"] for page in pages for found in page["ModelPackageSummaryList"]]
    for arn in arns:
        if arn != current:
            return Package.read(account.session, arn, account.names)
    raise NotYetError("there is no second approved version: approve one")


def jobs(account: Account) -> str:
    """The newest run of the pipeline went through, so jobs find their paths and may write them."""
    client = account.session.client("sagemaker")
    listed = client.list_pipeline_executions(
        PipelineName=account.names.prefix, SortOrder="Descending"
    )
    for summary in listed["PipelineExecutionSummaries"]:
        arn = summary["PipelineExecutionArn"]
        steps = run_pipeline.steps_of(client, arn)
        found = run_pipeline.evaluation(client, account.session.client("s3"), steps)
        if found is None:
            failed = [step["StepName"] for step in steps if step["StepStatus"] == "Failed"]
            raise DisprovedError(
                f"{arn} came to no verdict; failed: {', '.join(failed) or 'nothing yet'}"
            )
        return (
            f"{arn} wrote its metrics and {'passed' if found.passed else 'was refused by'} the gate"
        )
    raise NotYetError(
        f"the pipeline has never run: make run-pipeline ENV={account.names.environment}"
    )


def card(account: Account) -> str:
    """The newest version in the registry has the model card that its run wrote."""
    client = account.session.client("sagemaker")
    listed = client.list_model_packages(
        ModelPackageGroupName=account.names.slug, SortBy="CreationTime", SortOrder="Descending"
    )["ModelPackageSummaryList"]
    if not listed:
        raise NotYetError(
            f"nothing is registered yet: make run-pipeline ENV={account.names.environment}"
        )
    arn = listed[0]["ModelPackageArn"]
    about = client.describe_model_package(ModelPackageName=arn)
    content = about.get("ModelCard", {}).get("ModelCardContent", "")
    if faults := model_card.faults(content):
        raise DisprovedError(f"the card of {arn} is not what was written: {faults[0]}")
    return f"{arn} has a card of {len(content)} characters"


def answers(account: Account) -> str:
    """The endpoint answers the example that the released model was packaged with."""
    where = account.names.environment
    release = project.release(where, account.root)
    if release is None or release.package is None:
        raise NotYetError(f"nothing is released in {where}: `make promote` first")
    if ServingSettings.of_stack_file(account.names, account.root).shape == "batch":
        raise NotYetError("the shape is batch: there is no endpoint")
    place = Package.read(account.session, release.package, account.names).place
    archive = account.session.client("s3").get_object(**place)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        example = packed.extractfile("example.json")
        body = example.read() if example else b"{}"
    answer = account.session.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=account.names.prefix, ContentType="application/json", Body=body
    )
    found = json.loads(answer["Body"].read())
    return f"{len(json.loads(body)['rows'])} rows sent, answered with {', '.join(found)}"


def access(account: Account) -> str:
    """What IAM itself says of the boldest lines of the access matrix, boundary included."""
    names = account.names
    artefact = f"{names.bucket_arn('artifacts')}/pipeline/models/x/package/model.tar.gz"
    group = names.arn("sagemaker", f"model-package/{names.slug}/*")
    other = replace(names, environment="dev" if names.environment == "prod" else "prod")
    lines: tuple[tuple[str, str, str, dict[str, str], bool], ...] = (
        ("serving", "s3:GetObject", artefact, {}, False),
        ("serving", "s3:GetObject", artefact, {"s3:ExistingObjectTag/approved": "true"}, True),
        ("training", "s3:GetObject", f"{other.bucket_arn('data')}/source/x", {}, False),
        (
            "pipeline",
            "sagemaker:CreateModelPackage",
            group,
            {"sagemaker:ModelApprovalStatus": "Approved"},
            False,
        ),
        ("scientist", "sagemaker:UpdateModelPackage", group, {}, False),
    )
    iam = account.session.client("iam")
    for role, action, resource, given, allowed in lines:
        context = [
            {"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [value]}
            for key, value in given.items()
        ]
        answer = iam.simulate_principal_policy(
            PolicySourceArn=names.role_arn(role),
            ActionNames=[action],
            ResourceArns=[resource],
            ContextEntries=context,
        )
        decision = answer["EvaluationResults"][0]["EvalDecision"]
        if (decision == "allowed") != allowed:
            raise DisprovedError(
                f"{role} and {action} on {resource} with {given}: IAM says {decision}"
            )
    return f"IAM agrees with {len(lines)} lines"


def alarms(account: Account) -> str:
    """Somebody hears the alarms."""
    topic = account.names.arn("sns", account.names.topic)
    client = account.session.client("sns")
    found = [
        subscription
        for page in client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        for subscription in page["Subscriptions"]
    ]
    waiting = [s["Endpoint"] for s in found if not s["SubscriptionArn"].startswith("arn:")]
    if not found:
        raise DisprovedError("nobody listens to the alarms: set alarmEmails in infra/foundation")
    if waiting:
        raise DisprovedError(f"{', '.join(waiting)} did not confirm: open the mail from AWS")
    return f"{len(found)} confirmed"


CHECKS = (
    Check(
        "The account may start the instances that are needed",
        "asks Service Quotas for SageMaker's limits by instance type",
        quotas,
    ),
    Check(
        "A second update changes nothing",
        "asks the real provider for a plan of each program (`pulumi preview --refresh`)",
        settled,
    ),
    Check(
        "Jobs run as they should: user, paths, encrypted volumes, network",
        "looks for the verdict of the newest run of the pipeline",
        jobs,
    ),
    Check(
        "IAM decides as the access matrix says",
        "asks IAM's policy simulator about some lines",
        access,
    ),
    Check(
        "A version is registered with its model card",
        "looks for the card of the newest version in the registry",
        card,
    ),
    Check("Alarms reach a person", "lists the topic's subscriptions", alarms),
    Check(
        "The endpoint answers",
        "sends it the example of the released package",
        answers,
    ),
    Check(
        "A promotion updates the endpoint in place",
        "plans serving in a copy of the project that releases another approved version",
        promotion,
    ),
    Check(
        "AWS rolls back when a guard alarm rings",
        "deploys the same model anew, rings the alarm, and waits for the old configuration "
        "(some 20 minutes, not in prod)",
        rollback.drill,
    ),
)
