"""Where DVC keeps a directory that a stage has written: in its cache on this computer, or in the remote."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from dvc.repo import Repo

from .. import paths
from ..errors import UserError


class Kept(NamedTuple):
    """The store that has a directory, whole, and where on this computer its files are, by their names in it.

    Of what only the remote has there are none here.
    """

    store: str
    files: dict[str, Path]


def find(md5: str) -> Kept | None:
    """The store that has the directory of this hash, the cache before the remote; None if neither has.

    Raises:
        UserError: the cache does not have it, and the remote does not answer.
    """
    with Repo(str(paths.ROOT)) as repo:
        cache, remote = repo.cache.local, repo.config["core"].get("remote")
        if (files := _whole(cache, md5)) is not None:
            return Kept("DVC's cache", {name: Path(cache.oid_to_path(one)) for name, one in files.items()})
        if remote is None:
            return None
        try:
            files = _whole(repo.cloud.get_remote_odb(remote), md5)
        except Exception as error:  # each kind of remote has its own
            raise UserError(f"DVC's remote {remote} does not answer ({error})") from error
    return None if files is None else Kept(f"DVC's remote {remote}", {})


def _whole(store: Any, md5: str) -> dict[str, str] | None:
    """The hashes of the directory's files by name, where the store has each of them and their list.

    They are looked at one by one, since DVC's own question whether there are some deletes those that are
    altered, and takes a store that does not answer for an empty one.
    """
    try:
        with store.fs.open(store.oid_to_path(md5)) as listing:
            files = {entry["relpath"]: entry["md5"] for entry in json.load(listing)}
        for one in files.values():
            store.fs.info(store.oid_to_path(one))
    except FileNotFoundError:
        return None
    return files
