"""Write cookiecutter.json, cruft's copy of the questions, from copier.yml.

`python -m scripts.cookiecutter_json` writes it; a test holds the two equal. Validators and computed
answers stay with copier, which renders in both cases (hooks/post_gen_project.py).
"""

import json
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, meta

ROOT = Path(__file__).resolve().parents[1]
COPIER = ROOT / "copier.yml"
COOKIECUTTER = ROOT / "cookiecutter.json"


def questions(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The entries of copier.yml that somebody answers."""
    return {
        name: entry
        for name, entry in config.items()
        if not name.startswith("_") and entry.get("when", True) is not False
    }


def choice(answer: Any) -> Any:
    """An answer as one of cookiecutter's choices: not all of its versions know yes and no."""
    return {True: "yes", False: "no"}.get(answer, answer)


def labels(entry: dict[str, Any]) -> dict[str, str]:
    """The choices of a question: what is stored, and what a person reads."""
    choices = ["yes", "no"] if entry["type"] == "bool" else entry["choices"]
    if isinstance(choices, dict):
        return {value: label for label, value in choices.items()}
    return {value: value for value in choices}


def default(config: dict[str, Any], name: str) -> str:
    """A default as cookiecutter's Jinja understands it: it keeps answers under `cookiecutter.`."""
    template: str = config[name]["default"]
    settings = []
    for used in sorted(meta.find_undeclared_variables(Environment().parse(template))):
        if used in questions(config):
            settings.append(f"{{%- set {used} = cookiecutter.{used} -%}}")
        else:
            settings.append(f"{{%- set {used} = {json.dumps(config[used]['default'])} -%}}")
    return "".join(settings) + template


def convert(config: dict[str, Any]) -> dict[str, Any]:
    """The content of cookiecutter.json."""
    result: dict[str, Any] = {}
    prompts: dict[str, Any] = {}
    for name, entry in questions(config).items():
        if "choices" in entry or entry["type"] == "bool":
            stored, first = labels(entry), choice(entry["default"])
            result[name] = sorted(stored, key=lambda value: value != first)
            prompts[name] = {"__prompt__": entry["help"], **stored}
        else:
            result[name] = default(config, name)
            prompts[name] = entry["help"]
    return {**result, "__prompts__": prompts}


def text(copier: Path = COPIER) -> str:
    """What cookiecutter.json must hold."""
    config = yaml.safe_load(copier.read_text(encoding="utf-8"))
    return json.dumps(convert(config), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    COOKIECUTTER.write_text(text(), encoding="utf-8")
    print(f"wrote {COOKIECUTTER.name}")
