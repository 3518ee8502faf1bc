"""Who may take a role on."""

from typing import Literal

from .documents import Document, Statement, document
from .ground import Federation, Ground

Stage = Literal["plan", "deploy"]


def services(ground: Ground, *names: str) -> Document:
    """AWS services, when they work for this account."""
    principals = [f"{name}.amazonaws.com" for name in names]
    return document(
        {
            "Sid": "Services",
            "Effect": "Allow",
            "Principal": {"Service": principals},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ground.names.account}},
        }
    )


def people(arns: tuple[str, ...]) -> Document:
    """Named roles and users; nobody where none is named, as a policy must name somebody."""
    named: Statement = {"Sid": "Named", "Effect": "Allow", "Principal": {"AWS": list(arns)}}
    nobody: Statement = {"Sid": "Nobody", "Effect": "Deny", "Principal": {"AWS": "*"}}
    return document({**(named if arns else nobody), "Action": "sts:AssumeRole"})


def continuous_integration(ground: Ground, federation: Federation, stage: Stage) -> Document:
    """Jobs of the repository's CI, and only the kind of job that the stage is."""
    operator, subjects = _subjects(federation, stage, ground.names.environment)
    audience = {f"{federation.issuer}:aud": federation.audience}
    subject = {f"{federation.issuer}:sub": subjects}
    equal = {**audience, **subject} if operator == "StringEquals" else audience
    like = {} if operator == "StringEquals" else {"StringLike": subject}
    return document(
        {
            "Sid": "ContinuousIntegration",
            "Effect": "Allow",
            "Principal": {"Federated": federation.arn(ground.names)},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": equal, **like},
        }
    )


def _subjects(federation: Federation, stage: Stage, environment: str) -> tuple[str, list[str]]:
    """The subjects of the tokens, by the provider's documentation of its `sub` claim."""
    if federation.provider == "github":
        repository = f"repo:{federation.path}"
        # A job with `environment:` has no branch in its subject, whatever branch it runs on.
        deploy = [f"{repository}:environment:{environment}"]
        plan = [f"{repository}:pull_request", f"{repository}:ref:refs/heads/main"]
        return "StringEquals", deploy if stage == "deploy" else plan
    project = f"project_path:{federation.path}:ref_type:branch:ref"
    # GitLab's subject does not name the environment: there, protect the branch and the environment.
    if stage == "deploy":
        return "StringEquals", [f"{project}:main"]
    return "StringLike", [f"{project}:*"]
