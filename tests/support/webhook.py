"""A webhook on loopback: takes cards over a real socket and answers as it is told to."""

import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

SECRET = "T000-B000-very-secret"
PATH = f"/services/{SECRET}"
HANG, DRIP, CLOSE = "hang", "drip", "close"
_DRIP_SECONDS = 0.05


@contextmanager
def webhook(*answers, tls=None):
    """Serve until the end of the block; *answers* are given in turn, then 200 to whoever asks.

    An answer is a status, a pair of status and headers, or one of HANG, DRIP and CLOSE. What comes in is
    kept in `cards`, as the bodies' texts, and in `requests`.
    """
    left, cards, requests, over = list(answers), [], [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, dict(self.headers), body))
            cards.append(json.loads(body)["text"])
            answer = left.pop(0) if left else 200
            if answer == HANG:
                over.wait()
            elif answer == DRIP:
                self.drip()
            elif answer != CLOSE:
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

        def drip(self):
            """A header that never ends, a byte at a time, so that no read ever waits for long."""
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            with suppress(OSError):
                while not over.wait(_DRIP_SECONDS):
                    self.wfile.write(b"x")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    port = server.server_address[1]
    try:
        yield SimpleNamespace(
            port=port, url=f"http://127.0.0.1:{port}{PATH}", cards=cards, requests=requests
        )
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
