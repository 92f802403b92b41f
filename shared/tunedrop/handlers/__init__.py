"""One use case a module: read through ports, ask the domain, act through ports, in that order."""
