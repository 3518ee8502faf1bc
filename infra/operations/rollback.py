"""A rollback for real: the same model is deployed anew, and a guard alarm is made to ring."""

import time
import uuid
from typing import Any

from .check import Account, DisprovedError, NotYetError

SECONDS = 15
COPIED = ("ProductionVariants", "DataCaptureConfig", "KmsKeyId")


def drill(account: Account) -> str:
    """What happened; raises DisprovedError where the new configuration stayed."""
    names = account.names
    if names.environment == "prod":
        raise NotYetError("no drill in prod: run it in staging")
    client = account.session.client("sagemaker")
    found = client.list_endpoints(NameContains=names.prefix)["Endpoints"]
    if names.prefix not in [endpoint["EndpointName"] for endpoint in found]:
        raise NotYetError(f"there is no endpoint {names.prefix}: `make promote` first")
    about = client.describe_endpoint(EndpointName=names.prefix)
    if about["EndpointStatus"] != "InService":
        raise NotYetError(f"the endpoint is {about['EndpointStatus']}: wait")
    deployment = about.get("LastDeploymentConfig", {})
    guards = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    if not guards:
        raise NotYetError(
            "it has not been updated yet, so AWS names no guard alarms: promote a second version"
        )
    before, new = about["EndpointConfigName"], f"{names.prefix}-drill-{uuid.uuid4().hex[:7]}"
    old = client.describe_endpoint_config(EndpointConfigName=before)
    client.create_endpoint_config(
        EndpointConfigName=new, **{field: old[field] for field in COPIED if field in old}
    )
    try:
        client.update_endpoint(
            EndpointName=names.prefix, EndpointConfigName=new, DeploymentConfig=deployment
        )
        last = _ring(account, client, guards[0]["AlarmName"])
    finally:
        after = client.describe_endpoint(EndpointName=names.prefix)["EndpointConfigName"]
        if after == before:
            client.delete_endpoint_config(EndpointConfigName=new)
    if after != before:
        raise DisprovedError(
            f"it serves {after} now: `cd infra/serving && pulumi up --refresh` puts it right"
        )
    reason = last.get("FailureReason", "rolled back")
    return f"it is {last['EndpointStatus']} with {before} again: {reason}"


def _ring(account: Account, client: Any, alarm: str) -> dict[str, Any]:
    """Ring the alarm until the endpoint has come to rest; CloudWatch sets it right by itself."""
    watch = account.session.client("cloudwatch")
    while True:
        about: dict[str, Any] = client.describe_endpoint(EndpointName=account.names.prefix)
        if about["EndpointStatus"] not in ("Updating", "RollingBack"):
            return about
        print(f"    {about['EndpointStatus']}", flush=True)
        watch.set_alarm_state(
            AlarmName=alarm, StateValue="ALARM", StateReason="make prove: a drill"
        )
        time.sleep(SECONDS)
