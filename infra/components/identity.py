"""The identity provider by which CI proves who it is, without a key that could leak."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from ..access.ground import Federation


@dataclass(frozen=True)
class IdentityProviderArgs:
    """Whose tokens the account accepts; the roles say which of them."""

    federation: Federation


class IdentityProvider(pulumi.ComponentResource):
    """There is one of an address in an account."""

    def __init__(
        self, name: str, args: IdentityProviderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:security:IdentityProvider", name, None, opts)
        provider = iam.OpenIdConnectProvider(
            name,
            url=f"https://{args.federation.issuer}",
            client_id_lists=[args.federation.audience],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = provider.arn
        self.register_outputs({"arn": self.arn})
