"""The lines of each format as typed structs, strict in their keys: the fast way to read a line.

Says nothing about what a value means; rules that a type cannot hold are the checker's.
"""

from typing import Any, Literal

import msgspec

from tunedrop.domain.formats.canonical import Format


class Wire(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Base of every wire struct; `gc=False` since JSON holds no cycles."""


class CodeGenerationRow(Wire):
    """A line for code-bison and text-bison."""

    input_text: str
    output_text: str


class ChatMessage(Wire):
    """One message of a code-chat line."""

    author: Literal["user", "assistant"]
    content: str


class ChatRow(Wire):
    """A line for codechat-bison and chat-bison."""

    messages: list[ChatMessage]
    context: str | msgspec.UnsetType = msgspec.UNSET


class FileData(Wire):
    """A file that the example speaks of."""

    mimeType: str  # noqa: N815 — the wire's own name
    fileUri: str  # noqa: N815 — the wire's own name


class InlineData(Wire):
    """A file that stands in the example itself."""

    mimeType: str  # noqa: N815 — the wire's own name
    data: str


class FunctionCall(Wire):
    """A tool call that the model should make."""

    name: str
    args: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    id: str | msgspec.UnsetType = msgspec.UNSET


class FunctionResponse(Wire):
    """What a tool answered."""

    name: str
    response: dict[str, Any]
    id: str | msgspec.UnsetType = msgspec.UNSET


class Part(Wire):
    """One part of a Gemini turn; exactly one field is set."""

    text: str | msgspec.UnsetType = msgspec.UNSET
    fileData: FileData | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 — the wire's own name
    inlineData: InlineData | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 — the wire's own name
    functionCall: FunctionCall | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 — the wire's own name
    functionResponse: FunctionResponse | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 — the wire's own name


class TextPart(Wire):
    """A part of a system instruction, which takes text only."""

    text: str


class Content(Wire):
    """One Gemini turn."""

    role: Literal["user", "model"]
    parts: list[Part]


class SystemInstruction(Wire):
    """The instruction above a Gemini conversation; the service ignores its role."""

    parts: list[TextPart]
    role: str | msgspec.UnsetType = msgspec.UNSET


class GeminiRow(Wire):
    """A line for supervised tuning of Gemini models."""

    contents: list[Content]
    systemInstruction: SystemInstruction | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 — the wire's own name
    tools: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET


class OpenaiText(Wire):
    """A part of an OpenAI message; parts of every other type are refused."""

    type: Literal["text"]
    text: str


class CalledFunction(Wire):
    """What a tool call names."""

    name: str
    arguments: str
    """JSON text of an object."""


class ToolCall(Wire):
    """A tool call that the assistant should make."""

    id: str
    type: Literal["function"]
    function: CalledFunction


class OpenaiMessage(Wire):
    """One message of an OpenAI chat line; which keys go with which role is the checker's question."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[OpenaiText] | None = None
    name: str | None = None
    weight: Literal[0, 1] | None = None
    """0 keeps an assistant's message out of the training."""
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class DeclaredFunction(Wire):
    """A function that the assistant may call."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class OpenaiTool(Wire):
    """A tool of an OpenAI chat line."""

    type: Literal["function"]
    function: DeclaredFunction


class OpenaiRow(Wire):
    """An OpenAI chat line."""

    messages: list[OpenaiMessage]
    tools: list[OpenaiTool] | None = None
    parallel_tool_calls: bool | None = None


class PromptCompletionRow(Wire):
    """A prompt and its completion."""

    prompt: str
    completion: str


class AlpacaRow(Wire):
    """An Alpaca line; `input` may be empty."""

    instruction: str
    output: str
    input: str = ""


Row = CodeGenerationRow | ChatRow | GeminiRow | OpenaiRow | PromptCompletionRow | AlpacaRow

ROWS: dict[Format, type[Row]] = {
    Format.CODE_GENERATION: CodeGenerationRow,
    Format.CODE_CHAT: ChatRow,
    Format.GEMINI: GeminiRow,
    Format.OPENAI: OpenaiRow,
    Format.PROMPT_COMPLETION: PromptCompletionRow,
    Format.ALPACA: AlpacaRow,
}
DECODERS: dict[Format, msgspec.json.Decoder[Row]] = {
    format_: msgspec.json.Decoder(row) for format_, row in ROWS.items()
}
