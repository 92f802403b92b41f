"""The languages of fenced code that are told apart, and the names that people give them.

Data alone; whoever only shows languages need not load the checks.
"""

UNNAMED, OTHER = "none", "other"

# Each language with the other names that people give it, 50 in all with the two above. What else stands behind a
# fence is the dataset's own text, which never leaves the check.
_NAMES = {
    "bash": ("sh", "shell", "zsh", "console", "shell-session", "terminal"),
    "c": ("h",),
    "c++": ("cpp", "cc", "cxx", "hpp"),
    "c#": ("csharp", "cs"),
    "css": (),
    "csv": (),
    "dart": (),
    "diff": ("patch",),
    "dockerfile": ("docker",),
    "elixir": ("ex", "exs"),
    "erlang": ("erl",),
    "fortran": ("f90",),
    "go": ("golang",),
    "graphql": ("gql",),
    "groovy": ("gradle",),
    "haskell": ("hs",),
    "hcl": ("terraform", "tf"),
    "html": ("htm",),
    "ini": ("cfg", "conf", "properties"),
    "java": (),
    "javascript": ("js", "jsx", "node", "mjs"),
    "json": (),
    "julia": ("jl",),
    "kotlin": ("kt", "kts"),
    "lua": (),
    "makefile": ("make", "cmake"),
    "markdown": ("md", "mdx"),
    "matlab": ("octave",),
    "nginx": (),
    "objective-c": ("objc", "objectivec"),
    "perl": ("pl",),
    "php": (),
    "powershell": ("ps1", "pwsh"),
    "protobuf": ("proto",),
    "python": ("py", "python3"),
    "r": (),
    "ruby": ("rb",),
    "rust": ("rs",),
    "scala": (),
    "solidity": ("sol",),
    "sql": ("mysql", "postgresql", "postgres", "plsql", "sqlite"),
    "swift": (),
    "text": ("txt", "plain", "plaintext", "output", "log"),
    "toml": (),
    "typescript": ("ts", "tsx"),
    "vue": (),
    "xml": ("svg",),
    "yaml": ("yml",),
}
LANGUAGES = tuple(_NAMES)
LANGUAGE_OF = {alias: name for name, others in _NAMES.items() for alias in (name, *others)} | {
    "": UNNAMED
}
"""By every name, in lower case."""
