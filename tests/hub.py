"""A hub for tests of other programs: its own process, folder and port, ended with the block it serves."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

PASSWORD = "a lantern in the fog"
# Seconds that the hub may take to come up.
START = 120


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
def hub(folder, admin_password=PASSWORD):
    """A hub of its own, without limits on rates: many questions from one address are the point."""
    origin = f"http://127.0.0.1:{(port := free_port())}"
    environment = os.environ | {
        "SWITCHBOARD_SERVER__LISTEN": json.dumps([f"127.0.0.1:{port}"]),
        "SWITCHBOARD_STORE__PATH": str(folder / "data"),
        "SWITCHBOARD_ADMIN_PASSWORD": admin_password,
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
