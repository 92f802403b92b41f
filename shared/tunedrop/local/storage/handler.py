"""HTTP over a socket: read a request, have it answered, send the answer.

Knows sockets, framing and injected faults; knows no route.
"""

import logging
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tunedrop.local.storage.app import App
from tunedrop.local.storage.errors import ApiError
from tunedrop.local.storage.faults import DropAfterApply, FailNext, Faults
from tunedrop.local.storage.routes import answer, error_response
from tunedrop.local.storage.wire import FileSlice, Request, Response, body_chunks

log = logging.getLogger(__name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_LINE_ENDS = str.maketrans("\r\n", "  ")


class ApiServer(ThreadingHTTPServer):
    """The listening socket, with what its handlers share."""

    app: App
    faults: Faults


class Handler(BaseHTTPRequestHandler):
    """One connection; a thread of its own serves its requests one after another."""

    server: ApiServer
    protocol_version = "HTTP/1.1"
    server_version = "tunedrop-storage"
    sys_version = ""
    # Without it, the answer's head and body wait 40 ms for each other.
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        body = body_chunks(self.rfile, self.headers)
        request = Request(self.command, path, query, self.headers, body)
        try:
            response = self._answer(request)
            if response is None:
                self.close_connection = True
                return
            try:
                self._send(response)
            finally:
                response.close()
        except ConnectionError as error:
            log.debug("%s %s: the client went away: %s", self.command, path, error)
            self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Offer `do_GET` and its kin, which the base class looks up by name."""
        if name.removeprefix("do_") in _METHODS:
            return self._serve
        raise AttributeError(name)

    def _answer(self, request: Request) -> Response | None:
        fault = self.server.faults.take(request)
        if isinstance(fault, FailNext):
            error = ApiError(fault.status, "backendError", "a failure that a test asked for")
            response = error_response(error, request.path)
        else:
            response = answer(self.server.app, request)
        try:
            # What is left of the body would be taken for the next request.
            request.drain()
        except ApiError:
            self.close_connection = True
        except BaseException:
            response.close()
            raise
        if isinstance(fault, DropAfterApply):
            response.close()
            return None
        return response

    def _send(self, response: Response) -> None:
        self.send_response(response.status, _reason(response.status))
        for name, value in response.headers.items():
            self.send_header(name, _latin_1(value))
        body = response.body
        if isinstance(body, Iterator):
            self.send_header("Transfer-Encoding", "chunked")
        elif response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            size = body.size if isinstance(body, FileSlice) else len(body)
            self.send_header("Content-Length", str(size))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(body)
        self.wfile.flush()

    def _send_body(self, body: bytes | FileSlice | Iterator[bytes]) -> None:
        if isinstance(body, bytes):
            self.wfile.write(body)
        elif isinstance(body, FileSlice):
            self.wfile.flush()
            if body.size:
                self.connection.sendfile(body.file, body.start, body.size)
        else:
            for chunk in body:
                if chunk:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class names it
        """Send the access log to the logger."""
        log.debug(format, *args)


def _reason(status: int) -> str:
    if status == HTTPStatus.PERMANENT_REDIRECT:
        return "Resume Incomplete"
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Client Closed Request"


def _latin_1(value: str) -> str:
    """Let UTF-8 through a header line, and no line end."""
    return value.translate(_LINE_ENDS).encode("utf-8", "replace").decode("latin-1")
