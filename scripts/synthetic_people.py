"""Write the people of the example data, all of them made up: `python -m scripts.synthetic_people`.

Faker invents their names, and mail to example.com, example.org or example.net reaches nobody. A
test holds the file equal to what is written here: after an update of Faker, write it anew.
"""

import csv
import io
from pathlib import Path

from faker import Faker

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "template" / "src" / "{{ package_name }}"
PEOPLE = FOLDER / "{% if personal_data %}synthetic_people.csv{% endif %}"
COLUMNS = ("row", "patient_id", "name", "email", "sex")
# As many as the larger of the two example sets has rows.
ROWS = 569
SEED = 7


def text() -> str:
    """What the file must hold."""
    fake = Faker("en_GB")
    fake.seed_instance(SEED)
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((row, *person(fake)) for row in range(1, ROWS + 1))
    return file.getvalue()


def person(fake: Faker) -> tuple[str, ...]:
    """One person, as `COLUMNS` has it after the row; no two have the same number or address."""
    sex = fake.random_element(("female", "male"))
    first = fake.first_name_female() if sex == "female" else fake.first_name_male()
    number = fake.unique.random_int(1, 99999)
    return f"P{number:05}", f"{first} {fake.last_name()}", fake.unique.email(), sex


if __name__ == "__main__":
    PEOPLE.write_text(text(), encoding="utf-8")
    print(f"wrote {ROWS} people to {PEOPLE.relative_to(ROOT)}")
