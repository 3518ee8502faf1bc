"""`make pipeline`: the pipeline as SageMaker would get it, without an account."""

import sys

from . import show

show.run(sys.argv[1:])
