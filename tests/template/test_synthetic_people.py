"""The people of the example data are made up, and nobody has changed one by hand."""

import csv
import tomllib

from scripts import synthetic_people
from tests.conftest import Render


def test_the_file_holds_what_the_script_writes() -> None:
    text = synthetic_people.PEOPLE.read_text(encoding="utf-8")
    assert text == synthetic_people.text(), "run `python -m scripts.synthetic_people`"


def test_nobody_is_there_twice_and_no_mail_arrives() -> None:
    people = list(csv.DictReader(synthetic_people.text().splitlines()))
    assert len({person["patient_id"] for person in people}) == len(people) == synthetic_people.ROWS
    hosts = {person["email"].partition("@")[2] for person in people}
    assert hosts == {"example.com", "example.net", "example.org"}  # RFC 2606


def test_a_project_has_the_people_and_does_without_faker(render: Render) -> None:
    project = render(personal_data="yes")
    (people,) = project.glob("src/*/synthetic_people.csv")
    assert people.read_text(encoding="utf-8") == synthetic_people.text()
    pyproject = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert "faker" not in str(pyproject)
    assert not list(render().glob("src/*/synthetic_people.csv"))
