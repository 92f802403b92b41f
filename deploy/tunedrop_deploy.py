"""Starts the deploy tool: `python deploy/tunedrop_deploy.py COMMAND --config FILE`.

Needs Python 3.11 and its standard library; knows nothing but where the tool and the table of parts lie.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))

from tunedrop_deploy_lib.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
