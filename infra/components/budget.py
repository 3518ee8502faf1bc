"""What an environment may cost a month."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import budgets

from .topic import Topic

# Of the budget, in per cent: spent, and forecast to be spent by the end of the month.
SPENT, FORECAST = (80, 100), 100


@dataclass(frozen=True)
class BudgetArgs:
    """`monthly` in US dollars; `tags` choose the costs, once billing has activated them."""

    budget: str
    monthly: int
    tags: dict[str, str]
    topic: Topic
    emails: tuple[str, ...] = ()


class Budget(pulumi.ComponentResource):
    """Tells the topic, and addresses, before and when the money is spent. It stops nothing."""

    def __init__(
        self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:cost:Budget", name, None, opts)
        told = [("ACTUAL", percent) for percent in SPENT] + [("FORECASTED", FORECAST)]
        budgets.Budget(
            name,
            name=args.budget,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.monthly),
            limit_unit="USD",
            metrics="UnblendedCost",
            filter_expression=budgets.BudgetFilterExpressionArgs(
                ands=[
                    budgets.BudgetFilterExpressionAndArgs(
                        tags=budgets.BudgetFilterExpressionAndTagsArgs(key=key, values=[value])
                    )
                    for key, value in args.tags.items()
                ]
            ),
            notifications=[
                budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[args.topic.arn],
                    subscriber_email_addresses=list(args.emails),
                )
                for kind, percent in told
            ],
            # Budgets looks whether it may publish.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.topic.ready]),
        )
        self.register_outputs({})
