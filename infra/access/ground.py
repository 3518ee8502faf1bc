"""What access is written in terms of: names, keys, people, and the system that runs CI."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ..names import Names


@dataclass(frozen=True)
class Keys:
    """The ARNs of the KMS keys: of data and artefacts, of logs, of the topic.

    `pseudonym` encrypts the key of pseudonyms; a project that makes none has none.
    """

    data: str
    logs: str
    topic: str
    pseudonym: str | None = None

    @property
    def all(self) -> list[str]:
        """Those that there are."""
        pseudonym = [] if self.pseudonym is None else [self.pseudonym]
        return [self.data, self.logs, self.topic, *pseudonym]


@dataclass(frozen=True)
class People:
    """The ARNs of the roles and users that may take a role on. Nobody may, unless named."""

    scientists: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Federation:
    """The repository whose CI proves by OIDC who it is."""

    provider: Literal["github", "gitlab"]
    repository: str

    @property
    def issuer(self) -> str:
        """The address of the identity provider, without its scheme."""
        host = urlsplit(self.repository).netloc
        if self.provider == "gitlab":
            return host
        if host == "github.com":
            return "token.actions.githubusercontent.com"
        return f"{host}/_services/token"

    @property
    def audience(self) -> str:
        """Whom the token must be meant for."""
        return "sts.amazonaws.com" if self.provider == "github" else f"https://{self.issuer}"

    @property
    def path(self) -> str:
        """The repository as the provider names it: owner and name."""
        return urlsplit(self.repository).path.strip("/").removesuffix(".git")

    def arn(self, names: Names) -> str:
        """The ARN of the provider in an account, where there can only be one of an address."""
        return names.arn("iam", f"oidc-provider/{self.issuer}", region=False)


@dataclass(frozen=True)
class Ground:
    """One environment, and what it stands on.

    `registry` has the names of the environment that owns the image repository and the model package
    group: `names` itself in the owner, another environment's elsewhere, perhaps in another account.
    """

    names: Names
    registry: Names
    keys: Keys
    boundary_arn: str
    people: People = People()
    federation: Federation | None = None

    @property
    def owns_registry(self) -> bool:
        """Whether images and model packages are this environment's."""
        return self.names == self.registry

    @property
    def ingest_role(self) -> tuple[str, ...]:
        """The role of `ingest`, where it has one of its own; else its job runs as `training`."""
        return () if self.keys.pseudonym is None else ("ingest",)

    @property
    def repository_arn(self) -> str:
        """The ARN of the image repository."""
        return self.registry.arn("ecr", f"repository/{self.registry.slug}")

    @property
    def group_arns(self) -> list[str]:
        """The ARNs of the model package group and of the packages in it."""
        slug = self.registry.slug
        return [
            self.registry.arn("sagemaker", f"model-package-group/{slug}"),
            self.registry.arn("sagemaker", f"model-package/{slug}/*"),
        ]
