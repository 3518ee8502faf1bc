"""What every resource is called. Names follow from four words, so that access can be written, and
tested, before anything exists."""

from dataclasses import dataclass
from typing import Literal, get_args

Environment = Literal["dev", "staging", "prod"]
ENVIRONMENTS: tuple[str, ...] = get_args(Environment)
PROGRAMS = ("foundation", "training", "serving")
# Stands for an account that is not known; AWS uses this number in its own examples.
ACCOUNT = "123456789012"
# Stands for the image that `make push` would send.
DIGEST = "sha256:" + "0" * 64
# Stands for what `make pseudonym-key` would write: KMS makes 184 bytes of a key, which is as many.
CIPHERTEXT = "A" * 246 + "=="

# Where the steps of a run and the monitoring job leave what they write in the bucket of artefacts.
# What is made of data is deleted as data is, when its retention is over; a packaged model stays, as
# an endpoint may need it.
RUNS, MODELS, REPORTS = "pipeline/runs", "pipeline/models", "monitoring"

# The partitions that are not `aws`, by the beginning of their regions' names.
PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}
# What the names of machines end in, in the partitions where it is not amazonaws.com.
DOMAINS = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}


@dataclass(frozen=True)
class Names:
    """The names of one environment of one project in one account and region."""

    slug: str
    environment: str
    account: str
    region: str

    @property
    def prefix(self) -> str:
        """What names begin with, and what a pipeline or an endpoint is called."""
        return f"{self.slug}-{self.environment}"

    @property
    def partition(self) -> str:
        """The first word of every ARN after `arn`."""
        found = [word for start, word in PARTITIONS.items() if self.region.startswith(start)]
        return found[0] if found else "aws"

    @property
    def domain(self) -> str:
        """What the names of AWS's machines end in."""
        return DOMAINS.get(self.partition, "amazonaws.com")

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """The ARN of a resource of this account; IAM's have no region."""
        where = self.region if region else ""
        return f"arn:{self.partition}:{service}:{where}:{self.account}:{resource}"

    def bucket(self, kind: str) -> str:
        """The name of a bucket: `data`, `artifacts` or `logs`. At most 63 characters."""
        return f"{self.prefix}-{kind}-{self.account}"

    def bucket_arn(self, kind: str) -> str:
        """The ARN of a bucket; its objects are below it."""
        return f"arn:{self.partition}:s3:::{self.bucket(kind)}"

    def role(self, kind: str) -> str:
        """The name of a role. At most 64 characters."""
        return f"{self.prefix}-{kind}"

    def role_arn(self, kind: str) -> str:
        """The ARN of a role."""
        return self.arn("iam", f"role/{self.role(kind)}", region=False)

    @property
    def boundary_arn(self) -> str:
        """The ARN of the permissions boundary that this project makes."""
        return self.arn("iam", f"policy/{self.prefix}-boundary", region=False)

    def key_alias(self, kind: str) -> str:
        """The alias of a key: `data`, `logs`, `topic` or `pseudonym`."""
        return f"alias/{self.prefix}-{kind}"

    @property
    def pseudonym_context(self) -> dict[str, str]:
        """What KMS must hear with the key of pseudonyms, so that it opens in no other place."""
        return {"purpose": "pseudonym", "project": self.slug, "environment": self.environment}

    @property
    def namespace(self) -> str:
        """The namespace of the metrics that the project publishes itself."""
        return f"{self.slug}/{self.environment}"

    @property
    def topic(self) -> str:
        """The name of the topic that alarms are told to."""
        return f"{self.prefix}-alarms"

    @property
    def state_bucket(self) -> str:
        """The bucket of Pulumi's state: one an account, whatever the environments in it."""
        return f"{self.slug}-state-{self.account}"

    @property
    def state_bucket_arn(self) -> str:
        """The ARN of that bucket."""
        return f"arn:{self.partition}:s3:::{self.state_bucket}"

    @property
    def state_key_alias(self) -> str:
        """The alias of the key of the secrets in that state."""
        return f"alias/{self.slug}-state"
