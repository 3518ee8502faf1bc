"""Rules about roles: who may become one, and what it grants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .documents import Statement, statements
from .rule import Found, Props, of_type, rule, whole_rule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
GRANTS = (ROLE, ROLE_POLICY, POLICY)

ACCOUNT = re.compile(r"^(\d{12}|arn:aws[a-z-]*:iam::\d{12}:root)$")
# Condition keys that say who, of all principals of an account, is meant.
WHO = ("aws:principalarn", "aws:principaltag/", "aws:userid", "sts:externalid", "saml:")
# A subject that names one repository or project before its first wildcard.
SUBJECTS = re.compile(r"^(repo|project_path):[^*?:/]+(/[^*?:/]+)+:")

# Actions that cannot be given for a part of the resources: AWS knows no resource of theirs, so the
# only thing to write is `*`. The access matrix's tests hold this list against AWS's own reference.
UNRESTRICTABLE = (
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "cloudtrail:DescribeTrails",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
    "sts:GetCallerIdentity",
)
# Actions whose answer is a credential (the list of cloudsplaining, for the services used here).
# ecr:GetAuthorizationToken is left out, as in Checkov: nothing pulls an image without it.
CREDENTIALS = (
    "codeartifact:GetAuthorizationToken",
    "cognito-identity:GetCredentialsForIdentity",
    "cognito-identity:GetOpenIdToken",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "rds-db:connect",
    "redshift:GetClusterCredentials",
    "sso:GetRoleCredentials",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
)
MANAGED_ADMIN = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")


def is_boundary(type_: str, props: Props) -> bool:
    """Whether a policy is a permissions boundary, which limits and grants nothing."""
    return type_ == POLICY and str(props.get("name", "")).endswith("-boundary")


def granted(type_: str, props: Props) -> Iterator[Statement]:
    """The statements that allow something to the role that the policy is attached to."""
    if is_boundary(type_, props):
        return
    documents = [
        props.get("policy"),
        *(one.get("policy") for one in props.get("inlinePolicies") or []),
    ]
    for document in documents:
        yield from (statement for statement in statements(document) if statement.allows)


@rule(
    "trust-names-principals",
    ROLE,
    sources=("CKV_AWS_60",),
    reason="A role that anyone may assume belongs to anyone.",
    remedy="Name the service, the role or the identity provider in the trust policy.",
)
def trust_names_principals(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props.get("assumeRolePolicy")):
        if statement.allows and statement.anyone:
            yield "the trust policy allows every principal"


@rule(
    "trust-not-whole-account",
    ROLE,
    sources=("CKV_AWS_61",),
    reason="An account as principal lets its every role in, the weakest too.",
    remedy="Name roles, or add a condition on aws:PrincipalArn or aws:PrincipalTag.",
)
def trust_not_whole_account(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props.get("assumeRolePolicy")):
        keys = [key for compared in statement.condition.values() for key in compared]
        accounts = [name for name in statement.principals.get("AWS", ()) if ACCOUNT.match(name)]
        if statement.allows and accounts and not any(key.startswith(WHO) for key in keys):
            yield f"the trust policy allows all of {accounts[0]}"


@rule(
    "trust-pins-workflow",
    ROLE,
    sources=("CKV_AWS_358",),
    reason="A CI system's identity provider signs for everybody's repositories.",
    remedy="Compare the token's `aud`, and its `sub` with `repo:<owner>/<name>:...` "
    "(GitLab: `project_path:<group>/<project>:...`), no wildcard before the second colon.",
)
def trust_pins_workflow(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props.get("assumeRolePolicy")):
        if not statement.allows or "Federated" not in statement.principals:
            continue
        compared = {
            key: values
            for operator, keys in statement.condition.items()
            if operator.startswith("String") and "Not" not in operator
            for key, values in keys.items()
        }
        subjects = [value for key in compared if key.endswith(":sub") for value in compared[key]]
        if not any(key.endswith(":aud") for key in compared):
            yield "the token's audience (`aud`) is not compared"
        if not subjects:
            yield "the token's subject (`sub`) is not compared"
        for subject in subjects:
            if not SUBJECTS.match(subject):
                yield f"the subject {subject!r} does not name one repository"


@rule(
    "grant-no-star-action",
    *GRANTS,
    sources=("CKV_AWS_62", "CKV_AWS_63"),
    reason="Every action there is, is more than any role needs.",
    remedy="List the actions.",
)
def grant_no_star_action(type_: str, props: Props) -> Iterator[str]:
    for statement in granted(type_, props):
        if statement.not_actions:
            yield "it allows by NotAction: all actions but some"
        if any(action in ("*", "*:*") for action in statement.actions):
            yield "it allows the action `*`"


@rule(
    "grant-no-full-iam",
    *GRANTS,
    sources=("CKV2_AWS_40",),
    reason="Who can do everything in IAM can do everything.",
    remedy="List the actions of IAM that are needed, and the roles they are for.",
)
def grant_no_full_iam(type_: str, props: Props) -> Iterator[str]:
    for statement in granted(type_, props):
        if any(action.lower() in ("*", "iam:*") for action in statement.actions):
            yield "it allows `iam:*`"


@rule(
    "grant-no-managed-admin",
    ROLE,
    ATTACHMENT,
    sources=("CKV_AWS_274", "CKV2_AWS_56"),
    reason="AWS's administrator policies grant what no rule here has seen.",
    remedy="Write the policy of the role in infra/access.",
)
def grant_no_managed_admin(_type: str, props: Props) -> Iterator[str]:
    for arn in [*(props.get("managedPolicyArns") or []), props.get("policyArn") or ""]:
        if arn.rpartition("/")[2] in MANAGED_ADMIN:
            yield f"it attaches {arn}"


@rule(
    "grant-boundary-never",
    ROLE,
    ATTACHMENT,
    sources=("ours",),
    reason="A boundary allows widely so that policies may choose; attached, it grants it all.",
    remedy="Use it as permissionsBoundary only.",
)
def grant_boundary_never(_type: str, props: Props) -> Iterator[str]:
    for arn in [*(props.get("managedPolicyArns") or []), props.get("policyArn") or ""]:
        if arn.endswith("-boundary"):
            yield f"it attaches {arn}"


@rule(
    "grant-names-resources",
    *GRANTS,
    sources=("CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355", "CKV_AWS_356"),
    reason="On `*`, an action reaches what other teams and other environments own.",
    remedy="Name the resources, or add a condition; where AWS knows no resource for the action, "
    "add it to UNRESTRICTABLE.",
)
def grant_names_resources(type_: str, props: Props) -> Iterator[str]:
    for statement in granted(type_, props):
        if "*" in statement.resources and not statement.condition:
            for action in statement.actions:
                if action not in UNRESTRICTABLE:
                    yield f"it allows {action} on `*`"


@rule(
    "grant-no-credentials",
    *GRANTS,
    sources=("CKV_AWS_287",),
    reason="A credential in an answer outlives the role's session.",
    remedy="Leave the action out, or name the roles that may be assumed.",
)
def grant_no_credentials(type_: str, props: Props) -> Iterator[str]:
    for statement in granted(type_, props):
        if "*" in statement.resources:
            yield from (
                f"it allows {action}, which returns credentials"
                for action in CREDENTIALS
                if statement.permits(action)
            )


@rule(
    "passrole-pinned",
    *GRANTS,
    sources=("ours",),
    reason="A role passed to any service runs code there with the role's rights.",
    remedy="Name the roles, and compare iam:PassedToService by StringEquals.",
)
def passrole_pinned(type_: str, props: Props) -> Iterator[str]:
    for statement in granted(type_, props):
        if not statement.permits("iam:PassRole"):
            continue
        services = statement.condition_values("iam:PassedToService")
        named = services.get("StringEquals", ())
        if not named or any("*" in service for service in named):
            yield "iam:PassRole is not pinned by iam:PassedToService"
        for resource in statement.resources:
            if fnmatchcase("arn:aws:iam::123456789012:role/of-another-project", resource):
                yield f"iam:PassRole reaches {resource}"


@whole_rule(
    "role-has-boundary",
    sources=("ours",),
    reason="A boundary holds whatever a role's policies become.",
    remedy="Call `infra.program.start` with the boundary before the first resource.",
)
def role_has_boundary(resources: list[Resource]) -> Iterator[Found]:
    for role in of_type(resources, ROLE):
        if not role.props.get("permissionsBoundary"):
            yield role, "it has no permissions boundary"


def account_of(arn: Any) -> str:
    """The account in an ARN, or the account itself; empty where there is none."""
    parts = str(arn).split(":")
    return str(arn) if str(arn).isdigit() else parts[4] if len(parts) > 4 else ""
