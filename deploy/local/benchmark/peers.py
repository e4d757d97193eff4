"""What the system is measured against: nginx with one worker each, and Redis' own benchmark."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from supervision.layout import StackError
from supervision.programs import free_port

CONFIGURATION = """
{modules}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {upstream}
    server {{
        listen 127.0.0.1:{port};
        default_type application/json;
        {locations}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, body: str) -> Iterator[tuple[str, str]]:
    """A server that answers `body` from memory, and another one that proxies it; yields their URLs."""
    origin, proxy = free_port(), free_port()
    processes = []
    try:
        processes.append(_start(folder / "origin", origin, f"location / {{ return 200 '{body}'; }}"))
        processes.append(_start(
            folder / "proxy", proxy,
            'location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }',
            upstream=f"upstream origin {{ server 127.0.0.1:{origin}; keepalive 128; }}"))
        yield f"http://127.0.0.1:{origin}/", f"http://127.0.0.1:{proxy}/"
    finally:
        for process in processes:
            process.terminate()
            process.wait(10)


@contextmanager
def nchan(folder: Path) -> Iterator[str]:
    """A server whose WebSockets at `/listen` get what is posted to `/publish`; yields its `host:port`."""
    port = free_port()
    process = _start(
        folder, port,
        "location /publish { nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 1000; }"
        "location /listen { nchan_subscriber websocket; nchan_channel_id bench; }",
        modules="load_module /usr/lib/nginx/modules/ngx_nchan_module.so;")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _start(folder: Path, port: int, locations: str, upstream: str = "", modules: str = "") -> subprocess.Popen:
    folder.mkdir(parents=True)
    configuration, log = folder / "nginx.conf", folder / "error.log"
    configuration.write_text(CONFIGURATION.format(
        folder=folder, port=port, upstream=upstream, locations=locations, modules=modules))
    process = subprocess.Popen(
        ["/usr/sbin/nginx", "-p", str(folder), "-e", str(log), "-c", str(configuration)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 5
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise StackError(f"nginx did not start:\n{log.read_text() if log.exists() else ''}")
        time.sleep(0.02)
    return process


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def publish(redis: str) -> dict[str, float]:
    """PUBLISH at 20 clients over the unix socket, 400 bytes that nobody receives."""
    url = urlsplit(redis)
    outcome = subprocess.run(
        ["redis-benchmark", "-s", url.path, "--user", url.username, "-a", url.password, "-c", "20", "-n", "100000", "--csv",
         "PUBLISH", "bench.nobody", "x" * 400],
        capture_output=True, text=True, timeout=60, check=True)
    names, values = (line.split('","') for line in outcome.stdout.strip().splitlines()[-2:])
    figures = dict(zip(names[1:], values[1:]))
    return {"rate": float(figures["rps"]), "p50": float(figures["p50_latency_ms"])}
