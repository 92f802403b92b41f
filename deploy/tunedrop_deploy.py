"""Starts the deploy tool: `python deploy/tunedrop_deploy.py plan|stage --config FILE`.

Needs Python 3.11 and its standard library; knows nothing but where the tool lies.
"""

import sys

from tunedrop_deploy_lib.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
