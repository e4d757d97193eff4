"""What a process says of itself."""

import re
import urllib.request


def value(port: int, name: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        line = re.search(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE)
    return int(float(line.group(1)))
