"""Holds the hub to its own API description: schemathesis asks what the document allows, and much that it does not.

Started by tests/run with the virtual environment's Python; SWITCHBOARD_BIN names the binary. A failure is an answer
with status 5xx, a status, header, content type or body that the document does not have, a method that is answered
though it is not listed, or a route that answers without the credential the document asks for. Says at the end how
many operations passed and failed, as node's test runner does.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "a lantern in the fog"
# Seconds that the hub may take to come up, and schemathesis to ask.
START, PATIENCE = 120, 300
# These end the very credentials the questions are asked with; tests/api says what they do.
LEFT_OUT = r"/(logout|password)$"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(address, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def is_ready(origin):
    try:
        return ask(f"{origin}/ready")["status"] == "ready"
    except OSError:
        return False


@contextmanager
def hub(folder):
    """A hub of its own, without limits on rates: many questions from one address are the point."""
    origin = f"http://127.0.0.1:{(port := free_port())}"
    environment = os.environ | {
        "SWITCHBOARD_SERVER__LISTEN": json.dumps([f"127.0.0.1:{port}"]),
        "SWITCHBOARD_STORE__PATH": str(folder / "data"),
        "SWITCHBOARD_ADMIN_PASSWORD": PASSWORD,
        "SWITCHBOARD_LIMITS__ENABLED": "false",
    }
    binary = environment.pop("SWITCHBOARD_BIN")
    with open(folder / "log", "wb") as log:
        child = subprocess.Popen([binary, "serve"], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START
        while not is_ready(origin):
            if child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the hub did not come up:\n{(folder / 'log').read_text()}")
            time.sleep(0.1)
        yield origin
        if child.poll() is not None:
            raise SystemExit(f"the hub ended while it was asked:\n{(folder / 'log').read_text()}")
    finally:
        child.kill()
        child.wait()


def question(origin, token, report):
    command = [
        Path(sys.executable).with_name("schemathesis"), "run", f"{origin}/openapi.json",
        "--header", f"Authorization: Bearer {token}",
        "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing",
        "--max-examples", "5", "--seed", "1", "--workers", "2",
        "--exclude-path-regex", LEFT_OUT,
        "--continue-on-failure", "--request-timeout", "20", "--warnings", "off", "--no-color",
        "--report-junit-path", str(report),
    ]
    subprocess.run(command, cwd=report.parent, check=False, timeout=PATIENCE)


def count(report):
    suites = ElementTree.parse(report).getroot()
    failed = int(suites.get("failures")) + int(suites.get("errors"))
    return int(suites.get("tests")) - failed, failed


def main():
    with tempfile.TemporaryDirectory(prefix="switchboard-openapi-") as name:
        folder = Path(name)
        with hub(folder) as origin:
            login = ask(f"{origin}/api/auth/login", {"username": "admin", "password": PASSWORD})
            question(origin, login["access_token"], folder / "report.xml")
        passed, failed = count(folder / "report.xml")
    print(f"# pass {passed}\n# fail {failed}")
    return int(failed > 0 or passed == 0)


sys.exit(main())
