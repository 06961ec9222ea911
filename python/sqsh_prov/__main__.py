"""``python -m sqsh_prov`` is the program."""

import os
import sys

from ._run import program

if __name__ == "__main__":
    found = program()
    os.execv(found, [found, *sys.argv[1:]])
