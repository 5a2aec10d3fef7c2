"""Returns the version of the protocol, which the team's services share."""

import http.server
import pathlib

VERSION = pathlib.Path("shared/version").read_bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(VERSION)


http.server.HTTPServer(("", 8080), Handler).serve_forever()
