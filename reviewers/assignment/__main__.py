"""`python -m reviewers.assignment`: see command.py."""

import gc
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no large matrices here: starting threads would cost more than they do
    gc.disable()  # over in seconds, and nothing refers to itself
    from reviewers.assignment.command import main

    sys.exit(main())
