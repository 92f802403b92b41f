"""Starts the benchmark: `python benchmarks/run.py`; `make bench` makes what it needs first."""

import sys

from tunedrop_bench.main import main

if __name__ == "__main__":
    sys.exit(main())
