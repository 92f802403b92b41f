"""The recorder's socket: HTTP on loopback, and a proxy that stands for every host of Google's.

What a client insists on asking `https://HOST.googleapis.com/…` comes here through `CONNECT`, and is
answered as if it had asked for `/HOST/…`; nothing leaves the machine. Knows no API.
"""

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from support.recorder.service import Request

PREFIXES = {
    "cloudfunctions": "functions",
    "cloudresourcemanager": "crm",
    "cloudscheduler": "scheduler",
}
"""Where an API's prefix here is not its host's name."""
REGION = re.compile(r"^[a-z]+-[a-z]+\d+-")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request, _address):
        """Say nothing of clients that went away; whatever else went wrong is worth a traceback."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(_request, _address)


class LoopbackServer:
    """Answers on a free port from a thread; `answer` turns a `Request` into status, body and headers."""

    def __init__(self, answer, context):
        methods = {f"do_{method}": _Handler.serve for method in METHODS}
        methods["do_CONNECT"] = _Handler.tunnel
        facts = {"answer": staticmethod(answer), "context": context}
        handler = type("Handler", (_Handler,), methods | facts)
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self):
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    prefix = ""
    answer = context = None

    def log_message(self, *_arguments):
        pass

    def serve(self):
        split = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {}
        for key, value in parse_qsl(split.query, keep_blank_values=True):
            query[key] = f"{query[key]},{value}" if key in query else value
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.command, f"{self.prefix}{split.path}", query, headers, data)
        status, body, headers = self.answer(request)
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for key, value in ({"Content-Type": "application/json; charset=UTF-8"} | headers).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def tunnel(self):
        """Speak for the host that was asked for, from here on, on the same connection."""
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        secure = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile.close()
        self.wfile.close()
        self.connection, self.close_connection = secure, False
        self.rfile, self.wfile = secure.makefile("rb"), secure.makefile("wb")
        host = self.path.partition(":")[0].removesuffix(".googleapis.com")
        short = REGION.sub("", host)
        self.prefix = f"/{PREFIXES.get(short, short)}"

    def finish(self):
        super().finish()
        if self.prefix:
            self.connection.close()
