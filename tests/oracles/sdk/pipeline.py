"""A project's pipeline, built with the classes of SageMaker's own SDK, as JSON.

`environment.py` starts it, in the environment of requirements.txt. It shares the typed graph and
the target with the compiler, and nothing else: `Builder` is written from the SDK's documentation.

    python pipeline.py CASES.json

The file lists cases: {"project": a directory, "target": the fields of a Target}.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

from pydantic import ConfigDict
from sagemaker.core.drift_check_baselines import DriftCheckBaselines
from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.network import NetworkConfig
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import (
    Channel,
    DataSource,
    ModelPackageModelCard,
    OutputDataConfig,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
    S3DataSource,
    StoppingCondition,
)
from sagemaker.core.training.configs import Compute, Networking
from sagemaker.core.workflow.conditions import ConditionEquals
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train.model_trainer import ModelTrainer

from infra.pipelines import graph
from infra.pipelines.graph import Graph, Stage
from infra.pipelines.registration import INPUTS
from infra.pipelines.target import Target
from infra.project import Release


class Trainer(ModelTrainer):  # type: ignore[misc]
    """ModelTrainer has no container entry point, and the API's AlgorithmSpecification has."""

    model_config = ConfigDict(extra="allow")

    def _create_training_job_args(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        request: dict[str, Any] = super()._create_training_job_args(*args, **kwargs)
        request["AlgorithmSpecification"] |= self.__pydantic_extra__ or {}
        return request


class Builder:
    """The pipeline of one graph for one target."""

    def __init__(self, stages: Graph, target: Target) -> None:
        self.graph, self.target = stages, target
        client = mock.Mock()
        self.session = PipelineSession(
            sagemaker_client=client, default_bucket=target.artifacts_bucket
        )
        self.params = ParameterString("Params", default_value=target.params)
        outside = [stage for stage in stages.stages if stage.external]
        self.sources = {
            stage.name: ParameterString(
                "Source"
                if len(outside) == 1
                else "Source" + "".join(part.capitalize() for part in stage.step.split("-")),
                default_value=stage.external
                if str(stage.external).startswith("s3://")
                else target.source,
            )
            for stage in outside
        }
        self.steps: dict[str, Any] = {}
        self.files = {
            "evaluate": [PropertyFile("verdict", "evaluate", "verdict.json")],
            "package": [
                PropertyFile("package", "package", "package.json"),
                PropertyFile("card", "package", "card.json"),
            ],
        }

    def pipeline(self) -> Pipeline:
        inside = {stage.name for stage in self.graph.downstream("evaluate")}
        for stage in self.graph.stages:
            self.steps[stage.name] = self.step(stage)
        passed = ConditionEquals(left=self.look_up("evaluate", "$.passed"), right=True)
        reason = Join("", ["The gate refuses this model: ", self.look_up("evaluate", "$.reason")])
        gate = ConditionStep(
            name="gate",
            conditions=[passed],
            if_steps=[
                *(self.steps[name] for name in self.steps if name in inside),
                self.register(),
            ],
            else_steps=[FailStep(name="refused", error_message=reason)],
        )
        return Pipeline(
            name="a-pipeline",
            parameters=[self.params, *self.sources.values()],
            pipeline_experiment_config=None,
            steps=[*(self.steps[name] for name in self.steps if name not in inside), gate],
            sagemaker_session=self.session,
        )

    def step(self, stage: Stage) -> Any:
        cached = self.target.cache_days > 0 and not stage.external and not stage.changes
        common: dict[str, Any] = {
            "name": stage.step,
            "description": stage.description or None,
            "retry_policies": self.retries(stage.hints.retries),
            "cache_config": CacheConfig(True, f"P{self.target.cache_days}D") if cached else None,
        }
        if stage.hints.job == "training":
            return TrainingStep(step_args=self.training(stage), **common)
        files = self.files.get(stage.name, [])
        return ProcessingStep(step_args=self.processing(stage), property_files=files, **common)

    def retries(self, attempts: int) -> list[Any]:
        if not attempts:
            return []
        own, job = StepExceptionTypeEnum, SageMakerJobExceptionTypeEnum
        return [
            StepRetryPolicy(
                [own.SERVICE_FAULT, own.THROTTLING], interval_seconds=10, max_attempts=attempts
            ),
            SageMakerJobStepRetryPolicy(
                [job.INTERNAL_ERROR, job.CAPACITY_ERROR, job.RESOURCE_LIMIT],
                interval_seconds=60,
                max_attempts=attempts,
            ),
        ]

    def processing(self, stage: Stage) -> Any:
        hints, target = stage.hints, self.target
        processor = Processor(
            role=self.role(stage),
            image_uri=target.train_image,
            instance_count=hints.instance_count,
            instance_type=hints.instance_type,
            entrypoint=list(stage.command[:3]),
            volume_size_in_gb=hints.volume_gb,
            volume_kms_key=target.key_arn,
            output_kms_key=target.key_arn,
            max_runtime_in_seconds=hints.max_minutes * 60,
            sagemaker_session=self.session,
            env=self.environment(
                stage, "/opt/ml/processing/input", f"/opt/ml/processing/output/{stage.output}"
            ),
            network_config=NetworkConfig(
                enable_network_isolation=bool(stage.inputs),
                security_group_ids=list(target.security_groups) or None,
                subnets=list(target.subnets) or None,
                encrypt_inter_container_traffic=True,
            ),
        )
        return processor.run(
            inputs=[
                ProcessingInput(
                    input_name=name,
                    s3_input=ProcessingS3Input(
                        s3_uri=uri,
                        local_path=f"/opt/ml/processing/input/{name}",
                        s3_data_type="S3Prefix",
                        s3_input_mode="File",
                    ),
                )
                for name, uri in self.inputs(stage).items()
            ],
            outputs=[
                ProcessingOutput(
                    output_name=stage.output,
                    s3_output=ProcessingS3Output(
                        s3_uri=self.destination(stage),
                        local_path=f"/opt/ml/processing/output/{stage.output}",
                        s3_upload_mode="EndOfJob",
                    ),
                )
            ],
            arguments=list(stage.command[3:]) or None,
        )

    def training(self, stage: Stage) -> Any:
        hints, target = stage.hints, self.target
        vpc: dict[str, Any] = {}
        if target.subnets:
            vpc = {
                "security_group_ids": list(target.security_groups),
                "subnets": list(target.subnets),
            }
        entry: dict[str, Any] = {"ContainerEntrypoint": list(stage.command[:3])}
        if stage.command[3:]:
            entry["ContainerArguments"] = list(stage.command[3:])
        trainer = Trainer(
            role=self.role(stage),
            training_image=target.train_image,
            training_input_mode="File",
            sagemaker_session=self.session,
            compute=Compute(
                instance_type=hints.instance_type,
                instance_count=hints.instance_count,
                volume_size_in_gb=hints.volume_gb,
                volume_kms_key_id=target.key_arn,
            ),
            networking=Networking(
                enable_network_isolation=bool(stage.inputs),
                enable_inter_container_traffic_encryption=True,
                **vpc,
            ),
            stopping_condition=StoppingCondition(max_runtime_in_seconds=hints.max_minutes * 60),
            output_data_config=OutputDataConfig(
                s3_output_path=self.destination(stage),
                kms_key_id=target.key_arn,
                compression_type="NONE",
            ),
            environment=self.environment(stage, "/opt/ml/input/data", "/opt/ml/model"),
            **entry,
        )
        return trainer.train(
            input_data_config=[
                Channel(
                    channel_name=name,
                    data_source=DataSource(
                        s3_data_source=S3DataSource(
                            s3_data_type="S3Prefix",
                            s3_uri=uri,
                            s3_data_distribution_type="FullyReplicated",
                        )
                    ),
                    input_mode="File",
                )
                for name, uri in self.inputs(stage).items()
            ]
        )

    def role(self, stage: Stage) -> str:
        named = stage.name == "ingest"
        return self.target.ingest_role_arn if named else self.target.training_role_arn

    def environment(self, stage: Stage, inputs: str, output: str) -> dict[str, str]:
        told = {"STAGE_INPUTS": inputs, "STAGE_OUTPUT": output}
        if stage.name == "ingest":
            told |= self.target.ingest_environment
        if "released.yaml" in stage.files:
            told["RELEASED_ENVIRONMENT"] = self.target.compared_with
            told["RELEASED_DIGEST"] = self.target.release.digest if self.target.release else "none"
        return told

    def inputs(self, stage: Stage) -> dict[str, Any]:
        found = {before.output: self.output(before) for before in self.graph.upstream(stage)}
        if stage.params or stage.whole_params:
            found["params"] = Join(
                "/", [f"s3://{self.target.artifacts_bucket}/params", self.params]
            )
        if stage.name in self.sources:
            found["source"] = self.sources[stage.name]
        if "released.yaml" in stage.files and self.target.release:
            found["released"] = self.target.release.artifact
        return found

    def output(self, stage: Stage) -> Any:
        properties = self.steps[stage.name].properties
        if stage.hints.job == "training":
            return properties.ModelArtifacts.S3ModelArtifacts
        return properties.ProcessingOutputConfig.Outputs[stage.output].S3Output.S3Uri

    def destination(self, stage: Stage) -> Join:
        kind = "models" if stage.name == "package" else "runs"
        place = f"s3://{self.target.artifacts_bucket}/pipeline/{kind}"
        return Join("/", [place, ExecutionVariables.PIPELINE_EXECUTION_ID, stage.output])

    def look_up(self, name: str, path: str, file: int = 0) -> JsonGet:
        step = self.steps[name].name
        return JsonGet(step_name=step, property_file=self.files[name][file], json_path=path)

    def register(self) -> ModelStep:
        stages = {stage.name: stage for stage in self.graph.stages}
        metrics = MetricsSource(
            "application/json", Join("/", [self.output(stages["evaluate"]), "metrics.json"])
        )
        rows = None
        if "features" in stages:
            rows = MetricsSource(
                "application/vnd.apache.parquet",
                Join("/", [self.output(stages["features"]), "train.parquet"]),
            )
        builder = ModelBuilder(
            image_uri=self.target.serve_image,
            role_arn=self.target.training_role_arn,
            sagemaker_session=self.session,
            dependencies={},
            s3_model_data_url=Join("/", [self.output(stages["package"]), "model.tar.gz"]),
        )
        look_up = {
            "digest": "$.digest",
            "archive": "$.archive",
            **{name: f"$.inputs.{name}" for name in INPUTS},
        }
        arguments = builder.register(
            model_package_group_name=self.target.package_group,
            content_types=["application/json", "text/csv"],
            response_types=["application/json", "text/csv"],
            model_metrics=ModelMetrics(model_statistics=metrics),
            drift_check_baselines=DriftCheckBaselines(
                model_statistics=metrics, model_data_statistics=rows
            ),
            customer_metadata_properties={
                **{name: self.look_up("package", path) for name, path in look_up.items()},
                "execution": ExecutionVariables.PIPELINE_EXECUTION_ID,
            },
            approval_status="PendingManualApproval",
            model_card=ModelPackageModelCard(
                model_card_content=self.look_up("package", "$.content", file=1),
                model_card_status="Draft",
            ),
        )
        return ModelStep(name="register", step_args=arguments)


def target_from(fields: dict[str, Any]) -> Target:
    release = fields["release"]
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Target(**{**fields, **lists, "release": Release(**release) if release else None})


def main(cases: str) -> None:
    """Print the definition of each case, and the seconds that building it took."""
    made, seconds = [], []
    for case in json.loads(Path(cases).read_text()):
        stages = graph.load(Path(case["project"]))
        begun = time.perf_counter()
        pipeline = Builder(stages, target_from(case["target"])).pipeline()
        made.append(json.loads(pipeline.definition()))
        seconds.append(time.perf_counter() - begun)
    print(json.dumps({"definitions": made, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
