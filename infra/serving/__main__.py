"""Program 3: what is released, how it is served, and what is seen of it."""

from infra import program
from infra.components.dashboard import Dashboard
from infra.outputs import Foundation, Serving
from infra.serving.page import page
from infra.serving.release import released
from infra.serving.service import Service
from infra.serving.settings import ServingSettings

settings = ServingSettings.load()
foundation = Foundation.read(settings)
program.start(settings, foundation.boundary_arn)
release = released(settings)

service = Service("service", settings, foundation, release)
dashboard = Dashboard("dashboard", page(settings, release))

Serving(
    endpoint_name=service.endpoint_name,
    configuration_name=service.configuration_name,
    dashboard_name=dashboard.dashboard_name,
).export()
