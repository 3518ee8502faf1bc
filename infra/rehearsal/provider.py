# ruff: noqa: N802, ARG002 (the methods are gRPC's)
"""An AWS provider for Pulumi's engine, in this process: generic, over tables.

`requests` says which calls a resource stands for, `replacement` which change makes it anew,
`computed` what AWS answers; `cloud` takes the calls.
"""

import secrets
from concurrent import futures
from importlib import metadata
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from infra.names import ACCOUNT, Names

from .api import Props
from .cloud import Cloud
from .computed import Made, computed
from .difference import differences
from .removals import removal
from .replacement import replaces
from .requests import NAMED_BY, calls, changes

# The engine's word for what is not known before it exists.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The names that were made up, among the inputs, as the real provider notes them.
DEFAULTS = "__defaults"
# Computed outputs that a change makes anew.
CHANGING = {"aws:s3/bucketObjectv2:BucketObjectv2": {"versionId"}}
LOOKUPS = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT, "id": ACCOUNT},
    "aws:index/getPartition:getPartition": {
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
    },
}


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the engine. `store` is what exists: inputs and outputs by type and id."""

    def __init__(self, slug: str, cloud: Cloud) -> None:
        self.slug, self.region, self.cloud = slug, cloud.region, cloud
        self.store: dict[tuple[str, str], tuple[Props, Props]] = {}
        self.made = 0

    # --- The conversation's beginning ---------------------------------------------------------

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse()

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi-aws"))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        # Without accept_secrets the engine keeps the marks of secrets itself.
        return provider_pb2.ConfigureResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    # --- A resource's life --------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        type_, old, new = _type(request.urn), _plain(request.olds), _plain(request.news)
        key = NAMED_BY.get(type_)
        if key and new.get(key) is None:
            again = old.get(key) if key in old.get(DEFAULTS, []) else None
            new[key] = again or f"{_name(request.urn)}-{secrets.token_hex(4)[:7]}"
            new[DEFAULTS] = [key]
        return provider_pb2.CheckResponse(inputs=_struct(new))

    def Diff(self, request: Any, context: Any) -> Any:
        type_, old, new = _type(request.urn), _plain(request.old_inputs), _plain(request.news)
        found = [entry for entry in differences(old, new) if not entry[0].startswith(DEFAULTS)]
        forcing = _refusing(context, lambda: {path for path, _ in found if replaces(type_, path)})
        key = NAMED_BY.get(type_)
        fixed = (
            key is not None and key not in new.get(DEFAULTS, []) and old.get(key) == new.get(key)
        )
        kinds = {path: f"{kind}_REPLACE" if path in forcing else kind for path, kind in found}
        answer, kind_of = provider_pb2.DiffResponse, provider_pb2.PropertyDiff.Kind.Value
        return answer(
            changes=answer.DIFF_SOME if found else answer.DIFF_NONE,
            replaces=sorted(forcing),
            diffs=sorted({path.partition(".")[0].partition("[")[0] for path, _ in found}),
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=kind_of(kind), inputDiff=True)
                for path, kind in kinds.items()
            },
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(forcing) and fixed,
        )

    def Create(self, request: Any, context: Any) -> Any:
        type_, inputs = _type(request.urn), _plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_struct(inputs))
        self.made += 1
        # A resource made anew has the URN of the one that it replaces, and another id.
        made = Made(f"{request.urn}~{self.made}", _told(inputs), self._names(request.urn))
        identity, outputs = _refusing(context, lambda: self._make(type_, made))
        self.store[type_, identity] = (inputs, {**inputs, **outputs})
        return provider_pb2.CreateResponse(id=identity, properties=_struct({**inputs, **outputs}))

    def _make(self, type_: str, made: Made) -> tuple[str, Props]:
        identity, outputs = computed(type_, made)
        for call in calls(type_, made):
            self.cloud.send(call, identity)
        return identity, outputs

    def Read(self, request: Any, context: Any) -> Any:
        if (found := self.store.get((_type(request.urn), request.id))) is None:
            return provider_pb2.ReadResponse()
        inputs, outputs = found
        return provider_pb2.ReadResponse(
            id=request.id, inputs=_struct(inputs), properties=_struct(outputs)
        )

    def Update(self, request: Any, context: Any) -> Any:
        type_, old, inputs = _type(request.urn), _plain(request.olds), _plain(request.news)
        before = _plain(request.old_inputs)
        if request.preview:
            kept = {key: value for key, value in old.items() if key not in CHANGING.get(type_, ())}
            return provider_pb2.UpdateResponse(
                properties=_struct({**_without(kept, before), **inputs})
            )
        _refusing(context, lambda: self._change(type_, request, _told(inputs)))
        outputs = {**_without(old, before), **inputs}
        if self.cloud.rolls_back and type_ == "aws:sagemaker/endpoint:Endpoint":
            # The provider reads the endpoint after its update: the state has what is in use.
            outputs["endpointConfigName"] = before["endpointConfigName"]
        self.store[type_, request.id] = ({**inputs, **{k: outputs[k] for k in inputs}}, outputs)
        return provider_pb2.UpdateResponse(properties=_struct(outputs))

    def _change(self, type_: str, request: Any, inputs: Props) -> None:
        for call in changes(type_, Made(request.urn, inputs, self._names(request.urn)), request.id):
            self.cloud.send(call, request.id)

    def Delete(self, request: Any, context: Any) -> Any:
        type_, known = _type(request.urn), _told(_plain(request.properties))
        made = Made(request.urn, known, self._names(request.urn))
        _refusing(context, lambda: self._take_away(type_, made, request.id))
        self.store.pop((type_, request.id), None)
        return empty_pb2.Empty()

    def _take_away(self, type_: str, made: Made, identity: str) -> None:
        for call in removal(type_, made, identity):
            self.cloud.send(call, identity)

    def Invoke(self, request: Any, context: Any) -> Any:
        if request.tok not in LOOKUPS:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED, f"{request.tok}: nothing is looked up in the account"
            )
        answer = {"region": self.region, **LOOKUPS[request.tok]}
        return provider_pb2.InvokeResponse(**{"return": _struct(answer)})

    def _names(self, urn: str) -> Names:
        return Names(self.slug, urn.split(":")[2], ACCOUNT, self.region)


def serve(provider: Provider) -> tuple[grpc.Server, int]:
    """Start serving on a free port of this machine, which is handed back."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=16),
        options=[(f"grpc.max_{way}_message_length", -1) for way in ("send", "receive")],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _refusing(context: Any, work: Any) -> Any:
    """What `work` answers; its refusal becomes the resource's error."""
    try:
        return work()
    except (ValueError, KeyError) as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error.args[0]))


def _type(urn: str) -> str:
    """The type alone, without those of the parents."""
    return urn.split("::")[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _told(inputs: Props) -> Props:
    """Without what the provider notes for itself."""
    return {key: value for key, value in inputs.items() if key != DEFAULTS}


def _without(old: Props, inputs: Props) -> Props:
    """What was computed: the outputs that were not inputs."""
    return {key: value for key, value in old.items() if key not in inputs}


def _plain(struct: Any) -> Props:
    return dict(_whole(json_format.MessageToDict(struct)))


def _whole(value: Any) -> Any:
    """Protobuf has floats only: those without a fraction are integers."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _struct(props: Props) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(props)
    return struct
