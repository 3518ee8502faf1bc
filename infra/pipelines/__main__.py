"""`make pipeline`: the pipeline as SageMaker would get it, without an account."""

import signal
import sys

from . import show

if hasattr(signal, "SIGPIPE"):
    # As any command does whose reader, such as `less`, has seen enough.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
show.run(sys.argv[1:])
