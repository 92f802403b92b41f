"""The command line: words in, one call of the library, words or JSON out.

Reads the environment and prints; decides nothing that a function of the deployment decides.
"""
