"""Runs the clients that the families' documents show, as they stand there, against a running hub.

Started by tests/run with a Python that has `requests`; SWITCHBOARD_BIN names the binary. Each folder beside this file is
a family's: every `sample*` is a documented client, unchanged but for address, token and the ids it names, and every
`check*` beside it uses one and ends with a status other than 0 when something is not as documented. The documents of
`care` and `platform` show no client. A check finds in its environment HUB_URL, HUB_TOKEN (of a customer made for it
alone) and HUB_ADMIN_TOKEN. Says at the end how many passed and failed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from hub import PASSWORD, ask, hub  # noqa: E402

# Who runs a check, by its ending.
RUNNERS = {".py": [sys.executable], ".mjs": ["node"], ".sh": ["bash"]}
# The documented clients log in as `admin` with it.
ADMIN_PASSWORD = "password"
# Seconds that a check may take.
PATIENCE = 60


def checks():
    return sorted(path for path in HERE.glob("*/check*") if path.suffix in RUNNERS)


def token(origin, path, body):
    return ask(f"{origin}/api/auth/{path}", body)["access_token"]


def environment(origin, number):
    name = f"customer{number}"
    customer = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    admin = {"username": "admin", "password": ADMIN_PASSWORD}
    return os.environ | {
        "HUB_URL": origin,
        "HUB_TOKEN": token(origin, "register", customer),
        "HUB_ADMIN_TOKEN": token(origin, "login", admin),
    }


def passes(check, variables):
    command = [*RUNNERS[check.suffix], check.name]
    try:
        done = subprocess.run(command, cwd=check.parent, env=variables, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="switchboard-clients-") as name, hub(Path(name), ADMIN_PASSWORD) as origin:
        for number, check in enumerate(checks()):
            is_fine = passes(check, environment(origin, number))
            print("ok" if is_fine else "not ok", check.relative_to(HERE), flush=True)
            passed, failed = passed + is_fine, failed + (not is_fine)
    print(f"# pass {passed}\n# fail {failed}")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
