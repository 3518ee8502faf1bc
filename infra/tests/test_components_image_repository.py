"""Images that may be serving stay."""

from infra.components.image_repository import lifecycle, url
from infra.names import Names


def test_only_images_without_a_tag_expire() -> None:
    assert [rule["selection"]["tagStatus"] for rule in lifecycle()["rules"]] == ["untagged"]  # type: ignore[index]


def test_a_repository_of_another_account_is_addressed_there() -> None:
    far = Names("tumours", "dev", "999999999999", "eu-west-1")
    assert url(far) == "999999999999.dkr.ecr.eu-west-1.amazonaws.com/tumours"
    china = Names("tumours", "dev", "999999999999", "cn-north-1")
    assert url(china) == "999999999999.dkr.ecr.cn-north-1.amazonaws.com.cn/tumours"
