"""Every finding the checker can make, as data: code, severity, meaning, remedy and an example.

The one place to add a finding or to change how grave it is; holds no logic that looks for one.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Severity(StrEnum):
    """How grave a finding is; only an error rejects a line or a file."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"
    """Not looked for, or not reported."""


class Scope(StrEnum):
    """What a finding speaks of."""

    LINE = "line"
    """One line; as an error it rejects that line."""
    ROWS = "rows"
    """Lines that only the others put in the wrong; as an error it rejects the file."""
    FILE = "file"


class Code(StrEnum):
    """Stable names of the findings; never renamed, since records hold them."""

    NOT_UTF8 = "not_utf8"
    BOM = "bom"
    CRLF = "crlf"
    UTF16_OR_UTF32 = "utf16_or_utf32"
    GZIP_OR_BINARY = "gzip_or_binary"
    NOT_JSON = "not_json"
    TWO_VALUES_ON_LINE = "two_values_on_line"
    JSON_ARRAY_FILE = "json_array_file"
    JSON_OVER_MANY_LINES = "json_over_many_lines"
    NOT_OBJECT = "not_object"
    DUPLICATE_KEY = "duplicate_key"
    NON_FINITE_NUMBER = "non_finite_number"
    OVERSIZED_INTEGER = "oversized_integer"
    TOO_DEEP = "too_deep"
    LONE_SURROGATE = "lone_surrogate"
    NUL_CHARACTER = "nul_character"
    MISSING_KEY = "missing_key"
    UNKNOWN_KEY = "unknown_key"
    WRONG_CASE_KEY = "wrong_case_key"
    WRONG_TYPE = "wrong_type"
    EMPTY_TEXT = "empty_text"
    BLANK_TEXT = "blank_text"
    NO_TURNS = "no_turns"
    UNKNOWN_ROLE = "unknown_role"
    HOMOGLYPH_ROLE = "homoglyph_role"
    FIRST_NOT_USER = "first_not_user"
    LAST_NOT_ASSISTANT = "last_not_assistant"
    NOT_ALTERNATING = "not_alternating"
    AMBIGUOUS_PART = "ambiguous_part"
    UNSUPPORTED_PART = "unsupported_part"
    FOREIGN_URI = "foreign_uri"
    MIXED_FORMATS = "mixed_formats"
    OVERLONG_LINE = "overlong_line"
    TRUNCATED_FILE = "truncated_file"
    UNREADABLE_LINE = "unreadable_line"
    NOT_CONVERTIBLE = "not_convertible"
    TOO_LONG_EXAMPLE = "too_long_example"
    LOSSY = "lossy"
    ANSWER_EQUALS_PROMPT = "answer_equals_prompt"
    SECRET_IN_TEXT = "secret_in_text"  # noqa: S105 — a finding's name
    PERSONAL_DATA = "personal_data"
    UNCLOSED_FENCE = "unclosed_fence"
    CODE_DOES_NOT_PARSE = "code_does_not_parse"
    EXACT_DUPLICATE = "exact_duplicate"
    CONFLICTING_ANSWERS = "conflicting_answers"
    OVERLAP_WITH_EVALUATION = "overlap_with_evaluation"
    INSTRUCTION_MISSING = "instruction_missing"
    ALL_ANSWERS_ALIKE = "all_answers_alike"
    EMPTY_FILE = "empty_file"
    UNRECOGNISED_FORMAT = "unrecognised_format"
    AMBIGUOUS_FORMAT = "ambiguous_format"
    TOO_FEW_EXAMPLES = "too_few_examples"
    BELOW_RECOMMENDED = "below_recommended"
    TOO_MANY_EXAMPLES = "too_many_examples"


class Rule(NamedTuple):
    """What the registry says about one code."""

    code: Code
    severity: Severity
    scope: Scope
    meaning: str
    remedy: str
    """What to do next, as an instruction; stands beside every finding of the code."""
    example: str
    """A line, or a description of a file, that brings the finding about."""


_E, _W, _N, _OFF = Severity.ERROR, Severity.WARNING, Severity.NOTE, Severity.OFF
_LINE, _ROWS, _FILE = Scope.LINE, Scope.ROWS, Scope.FILE

_TABLE = (
    Rule(Code.NOT_UTF8, _E, _LINE, "The line holds bytes that are not UTF-8.", "Save the file as UTF-8.", '{"input_text": "caf\\xe9", …} in Latin-1'),
    Rule(Code.BOM, _N, _LINE, "The line begins with a byte order mark, which the staged file leaves out.", "Save as UTF-8 without a byte order mark to be rid of this note.", "EF BB BF before the first {"),
    Rule(Code.CRLF, _N, _LINE, "The line ends in CRLF; the staged file ends it in LF.", "Save with LF line ends to be rid of this note.", '{"input_text": …}\\r\\n'),
    Rule(Code.UTF16_OR_UTF32, _E, _FILE, "The file is UTF-16 or UTF-32.", "Convert it to UTF-8, for example: iconv -f UTF-16 -t UTF-8.", "FF FE at the start of the file"),
    Rule(Code.GZIP_OR_BINARY, _E, _FILE, "The file is compressed or binary.", "Unpack or export it to plain JSON Lines before the upload.", "1F 8B at the start of the file"),
    Rule(Code.NOT_JSON, _E, _LINE, "The line is not JSON.", "Correct the JSON at the column named; a JSON library writes it without such faults.", '{"input_text": "a",}'),
    Rule(Code.TWO_VALUES_ON_LINE, _E, _LINE, "More than one JSON value stands on the line.", "Put each example on a line of its own.", '{"input_text": …}{"input_text": …}'),
    Rule(Code.JSON_ARRAY_FILE, _E, _FILE, "The file is one JSON array.", "Write one object a line, for example: jq -c '.[]' file.json > file.jsonl.", '[{"input_text": …}, …]'),
    Rule(Code.JSON_OVER_MANY_LINES, _E, _FILE, "The objects are spread over several lines.", "Write one object a line, for example: jq -c . file.json > file.jsonl.", "{ alone on the first line"),
    Rule(Code.NOT_OBJECT, _E, _LINE, "The line is JSON, but not an object.", "Make each line one JSON object.", '"text"'),
    Rule(Code.DUPLICATE_KEY, _E, _LINE, "A key appears twice in one object, so that one of its values would be lost.", "Keep one of the two.", '{"input_text": "a", "input_text": "b", …}'),
    Rule(Code.NON_FINITE_NUMBER, _E, _LINE, "A number is NaN, infinite or beyond the range of a double.", "Replace it by a finite number or leave the key out.", '{"tools": [NaN], …}'),
    Rule(Code.OVERSIZED_INTEGER, _E, _LINE, "An integer does not fit into 64 bits.", "Write it as a string.", '{"args": {"id": 99999999999999999999}}'),
    Rule(Code.TOO_DEEP, _E, _LINE, "Arrays and objects are nested too deeply.", "Flatten the value.", "[[[[… 101 levels"),
    Rule(Code.LONE_SURROGATE, _E, _LINE, "An escape names half of a surrogate pair, which is no character.", "Write the whole pair, or leave it out.", '{"input_text": "\\ud800", …}'),
    Rule(Code.NUL_CHARACTER, _E, _LINE, "The line holds the character U+0000.", "Remove it.", '{"input_text": "a\\u0000", …}'),
    Rule(Code.MISSING_KEY, _E, _LINE, "A required key is missing.", "Add the key with its value.", '{"input_text": "a"}'),
    Rule(Code.UNKNOWN_KEY, _E, _LINE, "A key does not belong to the format.", "Remove the key, or rename it to the one that was meant.", '{"input_text": …, "output_text": …, "id": 1}'),
    Rule(Code.WRONG_CASE_KEY, _E, _LINE, "A key is spelt in another case than the format's.", "Spell the key exactly as the message says.", '{"Input_Text": …, "output_text": …}'),
    Rule(Code.WRONG_TYPE, _E, _LINE, "A value is of another type than the format's.", "Give the value the type that the message names.", '{"input_text": 1, "output_text": "b"}'),
    Rule(Code.EMPTY_TEXT, _E, _LINE, "A text is empty.", "Fill in the text, or remove the example.", '{"input_text": "", "output_text": "b"}'),
    Rule(Code.BLANK_TEXT, _E, _LINE, "A text holds white space or invisible characters only.", "Fill in the text, or remove the example.", '{"input_text": " \\n", "output_text": "b"}'),
    Rule(Code.NO_TURNS, _E, _LINE, "The conversation has no turn.", "Add at least a question and an answer, or remove the example.", '{"messages": []}'),
    Rule(Code.UNKNOWN_ROLE, _E, _LINE, "A role is not one of the format's.", "Use one of the roles that the message names.", '{"author": "bot", "content": …}'),
    Rule(Code.HOMOGLYPH_ROLE, _E, _LINE, "A role looks right but holds look-alike or invisible characters.", "Type the role again in plain ASCII letters.", "user written with a Cyrillic e"),
    Rule(Code.FIRST_NOT_USER, _E, _LINE, "The conversation does not begin with the user.", "Begin it with a turn of the user.", '{"messages": [{"author": "assistant", …}, …]}'),
    Rule(Code.LAST_NOT_ASSISTANT, _E, _LINE, "The conversation does not end with the assistant, so there is nothing to learn at its end.", "End it with the answer to learn.", '{"messages": [{"author": "user", …}]}'),
    Rule(Code.NOT_ALTERNATING, _W, _LINE, "Two turns of the same role follow each other.", "Join them, or check that no turn is missing.", "user, user, assistant"),
    Rule(Code.AMBIGUOUS_PART, _E, _LINE, "A part holds more than one kind of content.", "Make a part of each.", '{"text": …, "fileData": …}'),
    Rule(Code.UNSUPPORTED_PART, _E, _LINE, "The base model is not tuned on this kind of part.", "Remove the example, or choose a base model that takes the part.", '{"functionCall": …}'),
    Rule(Code.FOREIGN_URI, _E, _LINE, "A file part points outside the buckets that this deployment allows.", "Copy the file into an allowed bucket and point there.", '{"fileUri": "http://…"}'),
    Rule(Code.MIXED_FORMATS, _E, _LINE, "The line is in another format than the file.", "Keep each format in a file of its own.", '{"messages": …} in a file of input_text'),
    Rule(Code.OVERLONG_LINE, _E, _LINE, "The line is longer than a line may be.", "Shorten the example, or look for missing line ends.", "one line of 2 GB"),
    Rule(Code.TRUNCATED_FILE, _E, _LINE, "The file ends in the middle of a line.", "Upload the file again, whole.", '{"input_text": "abc'),
    Rule(Code.UNREADABLE_LINE, _E, _LINE, "The line cannot be read, and the reason is not known.", "Write the line again with a JSON library; please report it if that does not help.", "none known"),
    Rule(Code.NOT_CONVERTIBLE, _E, _LINE, "The example does not fit into the format that the base model takes.", "Reshape the example, or choose a base model that takes its format.", "a chat of four turns for a code-generation model"),
    Rule(Code.TOO_LONG_EXAMPLE, _W, _LINE, "The example's estimated tokens exceed the base model's limit; the service may cut it.", "Shorten the example or split it.", "an answer of 600,000 characters"),
    Rule(Code.LOSSY, _N, _LINE, "Something of the example has no place in the format that the base model takes, and is joined or left out.", "Check that the examples can do without what the message names.", "the name of an OpenAI message, in a gemini file"),
    Rule(Code.ANSWER_EQUALS_PROMPT, _W, _LINE, "The answer repeats the prompt.", "Replace the answer by the one to learn, or remove the example.", '{"input_text": "a", "output_text": "a"}'),
    Rule(Code.SECRET_IN_TEXT, _W, _LINE, "A text holds what looks like a private key, a password or an access token; a tuned model can give it away.", "Revoke it where it was issued, and replace it by a placeholder.", "-----BEGIN PRIVATE KEY----- in an answer"),
    Rule(Code.PERSONAL_DATA, _OFF, _LINE, "A text holds what looks like personal data.", "Replace it by a placeholder, or make sure that it may be used.", "an e-mail address in a question"),
    Rule(Code.UNCLOSED_FENCE, _W, _LINE, "A fenced block of code is opened and never closed.", "Close the block, or look whether the text was cut.", "```python without a closing ```"),
    Rule(Code.CODE_DOES_NOT_PARSE, _W, _LINE, "A fenced block does not parse in the language that it names.", "Correct the code, or name the language that it is in.", "```python followed by def f(:"),
    Rule(Code.EXACT_DUPLICATE, _W, _ROWS, "The example equals an earlier one.", "Remove the repetition unless its extra weight is meant.", "the same line twice"),
    Rule(Code.CONFLICTING_ANSWERS, _W, _ROWS, "The prompt has another answer on an earlier line.", "Keep the answer to learn, unless both are right.", "one input_text with two different output_texts"),
    Rule(Code.OVERLAP_WITH_EVALUATION, _W, _ROWS, "The prompt stands in the evaluation file, too, so that its score would say little.", "Remove it from one of the two files.", "the same input_text in train.jsonl and eval.jsonl"),
    Rule(Code.INSTRUCTION_MISSING, _W, _ROWS, "Most examples carry an instruction above the conversation, and this one carries none.", "Add the instruction, or leave it out everywhere.", "a line without context where the others have one"),
    Rule(Code.ALL_ANSWERS_ALIKE, _W, _FILE, "Almost all answers are the same.", "Check the export: a column may have been mistaken for the answer.", "1,000 lines with the output_text OK"),
    Rule(Code.EMPTY_FILE, _E, _FILE, "The file holds no example.", "Write one JSON object a line into it.", "a file of 0 bytes"),
    Rule(Code.UNRECOGNISED_FORMAT, _E, _FILE, "No line is in a format that tunedrop reads.", "Use one of the formats that the message names.", '{"question": …, "answer": …}'),
    Rule(Code.AMBIGUOUS_FORMAT, _E, _FILE, "The first lines are in several formats, and none prevails.", "Keep each format in a file of its own.", 'every other line {"messages": …} and {"input_text": …}'),
    Rule(Code.TOO_FEW_EXAMPLES, _E, _FILE, "There are fewer examples than the base model needs.", "Add examples.", "9 examples for code-bison@002"),
    Rule(Code.BELOW_RECOMMENDED, _W, _FILE, "There are fewer examples than recommended.", "Add examples if the tuned model disappoints.", "120 examples for code-bison@002"),
    Rule(Code.TOO_MANY_EXAMPLES, _E, _FILE, "There are more examples than the base model takes.", "Keep the best ones, or split the file over several runs.", "10,001 examples for code-bison@002"),
)  # fmt: skip

RULES = MappingProxyType({rule.code: rule for rule in _TABLE})
"""Every code's rule, in the order of the published page."""
