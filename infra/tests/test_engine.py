"""Where the engine is looked for."""

from pathlib import Path

import pytest

from infra.rehearsal import engine


def made(folder: Path, version: str) -> Path:
    """Something that says that it is the engine of this version."""
    folder.mkdir(parents=True)
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def _nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_one_on_path_comes_before_the_one_in_the_cache(tmp_path: Path) -> None:
    made(engine.cache() / "bin", "v3.258.0")
    made(tmp_path / "path", "v3.250.0")
    found = engine.at_hand()
    assert found is not None
    assert str(found.version) == "3.250.0"


def test_one_that_is_too_old_is_as_good_as_none(tmp_path: Path) -> None:
    made(tmp_path / "path", "v3.100.0")
    assert engine.at_hand() is None
    cached = made(engine.cache() / "bin", "v3.258.0")
    found = engine.at_hand()
    assert found is not None
    assert found.command == str(cached)


def test_one_that_does_not_run_is_as_good_as_none(tmp_path: Path) -> None:
    made(tmp_path / "path", "v3.258.0").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert engine.at_hand() is None


def test_what_is_missing_is_said_with_the_remedy() -> None:
    assert engine.at_hand() is None
    assert "put `pulumi` on PATH" in engine.MISSING
    assert "install Go" in engine.MISSING
