"""`make prove`: what no rehearsal can show, shown in a real account.

Each check says what it claims, and asks AWS or the real provider. Without credentials it says what
it would do. A check that could not run proves nothing, and is no pass.
"""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from .. import project
from ..errors import UserError
from . import command, environment
from .check import Account, Check, DisprovedError, NotYetError
from .proofs import CHECKS


def main(root: Path = project.ROOT) -> None:
    """Run every check of an environment; exit code 0 where all have passed."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    given = parser.parse_args().environment
    project.configuration("foundation", given, root)
    try:
        names = environment.names(given, root)
        account = Account(environment.connect(names), names, root)
    except (UserError, BotoCoreError) as error:
        for check in CHECKS:
            print(f"would prove: {check.claim}\n    by: {check.how}")
        raise UserError(f"nothing is proven: {str(error).rstrip('.')}") from None
    sys.exit(0 if prove(account, CHECKS) else 1)


def prove(account: Account, checks: tuple[Check, ...]) -> bool:
    """Whether every check has passed; each says how it went."""
    passed = 0
    for check in checks:
        print(f"... {check.claim}", flush=True)
        try:
            word, said = "pass", check.run(account)
        except NotYetError as error:
            word, said = "open", str(error)
        except (DisprovedError, UserError) as error:
            word, said = "FAIL", str(error)
        except ClientError as error:
            word, said = (
                "open",
                f"AWS refuses {error.operation_name}: {error.response['Error']['Code']}",
            )
        print(f"{word}: {said}")
        passed += word == "pass"
    print(f"prove: {passed} of {len(checks)} passed in {account.names.environment}")
    return passed == len(checks)


if __name__ == "__main__":
    command.run(main)
