"""Holds the hub to its own API description: schemathesis asks what the document allows, and much that it does not.

Started by tests/run with the virtual environment's Python; SWITCHBOARD_BIN names the binary. A failure is an answer
with status 5xx, a status, header, content type or body that the document does not have, a method that is answered
though it is not listed, or a route that answers without the credential the document asks for. Says at the end how
many operations passed and failed, as node's test runner does.
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hub import PASSWORD, ask, hub  # noqa: E402

# Seconds that schemathesis may take to ask.
PATIENCE = 300
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
