"""What the registry takes as the card of a model package: JSON, of a schema narrower than others'.

After "Model package model card schema" in SageMaker's developer guide:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# A pattern such as `.{1,63}` in the guide: no line break either.
Name = Annotated[str, Field(pattern=r"\A.{1,63}\z")]
LongName = Annotated[str, Field(pattern=r"\A.{1,255}\z")]
Word = Annotated[str, Field(max_length=63)]
Note = Annotated[str, Field(max_length=1024)]
Text = Annotated[str, Field(max_length=2048)]


class Section(BaseModel):
    """An object that has these keys and no others. All may be left out that have a default."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Overview(Section):
    """Only of a package's card; a name and a description are the package's own."""

    model_creator: Note = ""
    model_artifact: Annotated[tuple[Note, ...], Field(max_length=15)] = ()


class IntendedUses(Section):
    """What the model is for, and what may go wrong."""

    purpose_of_model: Text = ""
    intended_uses: Text = ""
    factors_affecting_model_efficiency: Text = ""
    risk_rating: Literal["High", "Medium", "Low", "Unknown"] = "Unknown"
    explanations_for_risk_rating: Text = ""


class BusinessDetails(Section):
    """Whom it serves."""

    business_problem: Text = ""
    business_stakeholders: Text = ""
    line_of_business: Text = ""


class Environment(Section):
    """What it was trained in."""

    container_image: Annotated[tuple[Note, ...], Field(max_length=15)] = ()


class TrainingMetric(Section):
    """A number that training came to."""

    name: LongName
    value: float
    notes: Note = ""


class HyperParameter(Section):
    """Its value is a text, whatever it is."""

    name: LongName
    value: LongName


Metrics = Annotated[tuple[TrainingMetric, ...], Field(max_length=50)]
HyperParameters = Annotated[tuple[HyperParameter, ...], Field(max_length=100)]


class TrainingJob(Section):
    """What SageMaker fills in from a job of its own, and what the user provides."""

    training_arn: Note = ""
    training_datasets: Annotated[tuple[Note, ...], Field(max_length=15)] = ()
    training_environment: Environment = Environment()
    training_metrics: Metrics = ()
    user_provided_training_metrics: Metrics = ()
    hyper_parameters: HyperParameters = ()
    user_provided_hyper_parameters: HyperParameters = ()


class TrainingDetails(Section):
    """How it was trained. The guide's schema leaves open what an objective function is."""

    objective_function: Any = None
    training_observations: Note = ""
    training_job_details: TrainingJob = TrainingJob()


class Metric(Section):
    """What every metric has."""

    name: LongName
    notes: Note = ""


class Simple(Metric):
    """A number, a word or a yes."""

    type: Literal["number", "string", "boolean"]
    value: float | Word | bool
    x_axis_name: Word = ""
    y_axis_name: Word = ""


class LinearGraph(Metric):
    """Points, each an x and a y."""

    type: Literal["linear_graph"]
    value: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]
    x_axis_name: Word = ""
    y_axis_name: Word = ""


class BarChart(Metric):
    """Heights; the bars' names are those of the x axis."""

    type: Literal["bar_chart"]
    value: Annotated[tuple[float, ...], Field(min_length=1)]
    x_axis_name: tuple[Word, ...] = ()
    y_axis_name: Word = ""


Row = Annotated[tuple[float, ...], Field(min_length=1, max_length=20)]


class Matrix(Metric):
    """Rows, and the names of columns and rows."""

    type: Literal["matrix"]
    value: Annotated[tuple[Row, ...], Field(min_length=1, max_length=20)]
    x_axis_name: tuple[Word, ...] = ()
    y_axis_name: tuple[Word, ...] = ()


AnyMetric = Annotated[Simple | LinearGraph | BarChart | Matrix, Field(discriminator="type")]


class MetricGroup(Section):
    """Metrics of one kind."""

    name: Name
    metric_data: tuple[AnyMetric, ...]


class Evaluation(Section):
    """What an evaluation came to."""

    name: Name
    evaluation_observation: Annotated[str, Field(max_length=2096)] = ""
    evaluation_job_arn: Annotated[str, Field(max_length=256)] = ""
    datasets: Annotated[tuple[Note, ...], Field(max_length=10)] = ()
    metadata: dict[str, Note] = Field(default_factory=dict)
    metric_groups: tuple[MetricGroup, ...] = ()


class AdditionalInformation(Section):
    """Anything else; a detail of one's own is a text."""

    ethical_considerations: Text = ""
    caveats_and_recommendations: Text = ""
    custom_details: dict[str, Note] = Field(default_factory=dict)


class ModelCard(Section):
    """The whole card."""

    model_overview: Overview = Overview()
    intended_uses: IntendedUses = IntendedUses()
    business_details: BusinessDetails = BusinessDetails()
    training_details: TrainingDetails = TrainingDetails()
    evaluation_details: tuple[Evaluation, ...] = ()
    additional_information: AdditionalInformation = AdditionalInformation()


def faults(content: str) -> list[str]:
    """What the registry would refuse of a card, each with its place, as in `a.0.name: ...`."""
    try:
        ModelCard.model_validate_json(content)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return []
