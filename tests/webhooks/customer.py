"""A customer's server by our documentation: the standard library, the official svix library, nothing of ours.

Prints its port, reads the endpoint's secret from the next line of its input, then prints each verified message.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from svix.webhooks import Webhook, WebhookVerificationError


class Hook(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self) -> None:
        """Verify the raw body, then parse it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            Webhook(self.secret).verify(body, dict(self.headers.items()))
            message = json.loads(body)
        except (WebhookVerificationError, ValueError):
            self.send_response(400)
            self.end_headers()
            return
        self.send_response(204)
        self.end_headers()
        tell({"at": time.time(), "message": message})

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


def tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Hook)
    tell(server.server_address[1])
    Hook.secret = sys.stdin.readline().strip()
    server.serve_forever()
