"""Program 1: what the pipeline and the endpoint stand on."""

from infra import program
from infra.access import resources
from infra.components.budget import Budget, BudgetArgs
from infra.components.topic import Topic, TopicArgs
from infra.foundation import choices
from infra.foundation.buckets import buckets
from infra.foundation.keys import keys
from infra.foundation.roles import boundary_arn, roles
from infra.foundation.settings import FoundationSettings
from infra.outputs import Foundation

settings = FoundationSettings.load()
names = settings.names
program.start(settings, settings.permissions_boundary)

ring = keys(settings)
store = buckets(settings, ring)
place = choices.place(settings, store)

boundary = boundary_arn(settings, ring)
choices.identity(settings)
team = roles(settings, ring, boundary)

registry = choices.registry(settings, ring)
tracking = choices.tracking_arn(settings, store, team)

choices.trail(settings, store, ring)
topic = Topic(
    "alarms",
    TopicArgs(names.topic, resources.topic(names), ring.topic.arn, tuple(settings.alarm_emails)),
)
Budget(
    "budget",
    BudgetArgs(
        names.prefix,
        settings.monthly_budget,
        {"project": names.slug, "environment": names.environment},
        topic,
        tuple(settings.budget_emails),
    ),
)

Foundation(
    data_bucket=store.data.bucket_name,
    artifacts_bucket=store.artifacts.bucket_name,
    logs_bucket=store.logs.bucket_name,
    data_key_arn=ring.data.arn,
    logs_key_arn=ring.logs.arn,
    boundary_arn=boundary,
    topic_arn=topic.arn,
    subnet_ids=place.subnet_ids,
    security_group_ids=place.security_group_ids,
    repository_url=registry.repository_url,
    package_group=registry.package_group,
    tracking_arn=tracking,
).export()
