"""Serve the built book on this machine as GitHub Pages does: gzipped, with "page not found".

python tools/serve.py [folder] [port]
"""

import errno
import gzip
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".xml", ".txt", ".ipynb", ".md"}


class Handler(SimpleHTTPRequestHandler):
    """Static files; text is gzipped for those who accept it; 404.html answers what is not there."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].endswith("/"):
            path /= "index.html"
        if path.is_file() and path.suffix in COMPRESSED:
            self.send_text(path)
        else:
            super().do_GET()

    def send_text(self, path, status=200):
        body = path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")  # fonts, in a frame of another site
        super().end_headers()

    def send_error(self, code, message=None, explain=None):
        page = Path(self.directory) / "404.html"
        if code == 404 and page.is_file():
            self.send_text(page, status=404)
        else:
            super().send_error(code, message, explain)

    def log_message(self, *_):
        """Say nothing: a line for each file hides the address that was printed."""


def server(folder, port):
    """Return a server of the folder on 127.0.0.1; port 0 takes a free one (`server_address[1]`)."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(folder)))


def main(folder="_build/html", port="8000"):
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT={port} is not a port: give a whole number from 1 to 65535.")
    if not (Path(folder) / "index.html").is_file():
        sys.exit(f"{folder} holds no built book: run `make book` first.")
    try:
        httpd = server(folder, int(port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be opened by you"
        sys.exit(f"Port {port} {reason}. Choose another one: make serve PORT={int(port) + 1}")
    print(f"The book is at http://localhost:{port}  (Ctrl-C stops it)", flush=True)
    try:
        httpd.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
