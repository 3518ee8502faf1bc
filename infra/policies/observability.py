"""Rules about logs, alarms, their topic and the budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .documents import statements
from .iam import account_of
from .rule import Found, Props, of_type, rule, whole_rule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
BUDGET = "aws:budgets/budget:Budget"


@rule(
    "logs-expire",
    LOG_GROUP,
    sources=("CKV_AWS_66",),
    reason="Logs kept by accident are kept for ever, personal data in them included.",
    remedy="Set retentionInDays.",
)
def logs_expire(_type: str, props: Props) -> Iterator[str]:
    if not props.get("retentionInDays"):
        yield "it has no retention"


@rule(
    "logs-kept-a-year",
    LOG_GROUP,
    sources=("CKV_AWS_338",),
    reason="Incidents are found months after they begin.",
    remedy="Set retentionInDays to 365 or more.",
)
def logs_kept_a_year(_type: str, props: Props) -> Iterator[str]:
    days = props.get("retentionInDays") or 0
    if 0 < days < 365:
        yield f"its logs are gone after {days} days"


@rule(
    "logs-encrypted",
    LOG_GROUP,
    sources=("CKV_AWS_158",),
    reason="Logs quote data, and are guarded like the data.",
    remedy="Set kmsKeyId to the key for logs.",
)
def logs_encrypted(_type: str, props: Props) -> Iterator[str]:
    if not props.get("kmsKeyId"):
        yield "it is not encrypted with a key of ours"


@rule(
    "alarm-enabled",
    METRIC_ALARM,
    COMPOSITE_ALARM,
    sources=("CKV_AWS_319",),
    reason="An alarm switched off in code stays off.",
    remedy="Leave actionsEnabled on.",
)
def alarm_enabled(_type: str, props: Props) -> Iterator[str]:
    if props.get("actionsEnabled") is False:
        yield "its actions are switched off"


@rule(
    "alarm-has-action",
    METRIC_ALARM,
    COMPOSITE_ALARM,
    sources=("ours",),
    reason="An alarm that tells nobody is a red dot on a page nobody has open.",
    remedy="Set alarmActions to the topic.",
)
def alarm_has_action(_type: str, props: Props) -> Iterator[str]:
    if not props.get("alarmActions"):
        yield "it tells nobody"


@rule(
    "topic-encrypted",
    TOPIC,
    sources=("CKV_AWS_26",),
    reason="Alarms quote names and figures.",
    remedy="Set kmsMasterKeyId to a key of ours.",
)
def topic_encrypted(_type: str, props: Props) -> Iterator[str]:
    if not props.get("kmsMasterKeyId"):
        yield "it is not encrypted"


@rule(
    "topic-key-ours",
    TOPIC,
    sources=("ours",),
    reason="CloudWatch may not use AWS's own key for SNS: its alarms would be dropped in silence.",
    remedy="Use a key whose policy lets the services publish.",
)
def topic_key_ours(_type: str, props: Props) -> Iterator[str]:
    if str(props.get("kmsMasterKeyId", "")).endswith("alias/aws/sns"):
        yield "its key is alias/aws/sns"


@rule(
    "topic-policy-names-principals",
    TOPIC_POLICY,
    sources=("CKV_AWS_169",),
    reason="Anyone could publish alarms, or subscribe to them.",
    remedy="Name the services and roles.",
)
def topic_policy_names_principals(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props["policy"]):
        if statement.allows and statement.anyone and not statement.condition:
            yield f"it allows {', '.join(statement.actions)} to every principal"


@rule(
    "topic-stays-in-account",
    TOPIC_POLICY,
    sources=("CKV_AWS_385",),
    reason="Another account's administrators decide who its roles are.",
    remedy="Leave other accounts out, or add a condition.",
)
def topic_stays_in_account(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props["policy"]):
        for principal in statement.principals.get("AWS", ()):
            other = account_of(principal) not in ("", account_of(props["arn"]))
            if statement.allows and other and not statement.condition:
                yield f"it allows {principal}, of another account"


@whole_rule(
    "budget-there",
    sources=("ours",),
    reason="A forgotten endpoint is noticed by its bill.",
    remedy="Add a Budget of cost with a notification.",
)
def budget_there(resources: list[Resource]) -> Iterator[Found]:
    budgets = [one for one in of_type(resources, BUDGET) if one.props["budgetType"] == "COST"]
    if not budgets:
        yield None, "there is no budget of cost"
    for budget in budgets:
        if not budget.props.get("notifications"):
            yield budget, "it notifies nobody"
