"""Python packages that tests use, in virtual environments of their own."""

import hashlib
import shlex
import shutil
import subprocess
from pathlib import Path

from .programs import REPOSITORY


def packages(requirements: Path) -> Path:
    """The folder of the Python that has what a file of requirements lists; made once for each version of the file."""
    name = requirements.parent.name.lower()
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    home = REPOSITORY / ".build" / f"{name}-{digest}"
    if not home.exists():
        print(f"installing what {requirements.relative_to(REPOSITORY)} lists", flush=True)
        unfinished = home.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        run("/usr/bin/python3", "-m", "venv", "--copies", unfinished)
        run(unfinished / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements)
        unfinished.rename(home)
    return home


def run(*command: object) -> str:
    """What a command prints; ends the program when it fails."""
    words = [str(word) for word in command]
    outcome = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if outcome.returncode != 0:
        raise SystemExit(f"{shlex.join(words)} failed\n{outcome.stdout}{outcome.stderr}")
    return outcome.stdout
