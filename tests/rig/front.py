"""Real proxies in front of the server: HAProxy and nginx."""

from __future__ import annotations

import os
from pathlib import Path

import ca
import proc

# Where our proxies connect from, so that 127.0.0.1 is somebody else.
ADDRESS = "127.0.0.2"

_HAPROXY = """\
global
    maxconn 200
    log stderr local0 warning
defaults
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    maxconn 100
"""

_NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 200; }}
http {{
    access_log off;
    client_max_body_size 100m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{body}
}}
"""


def bundle(folder: Path, made: ca.Certificate) -> Path:
    """Certificate and key in one file, as HAProxy wants them."""
    path = folder / f"{made.cert.stem}-both.pem"
    path.touch(mode=0o600)
    path.write_bytes(made.cert.read_bytes() + made.key.read_bytes())
    return path


def _started(name: str, words: list[str], folder: Path, ports: list[int]) -> proc.Process:
    process = proc.Process(
        name, words, folder / f"{name}.log", env={**os.environ, "LC_ALL": "C"}
    )
    for port in ports:
        proc.wait_port(port, name, process)
    return process


def haproxy(folder: Path, body: str, ports: list[int]) -> proc.Process:
    """HAProxy with these frontends and backends; returns when it listens."""
    config = folder / "haproxy.cfg"
    config.write_text(_HAPROXY + body)
    return _started("haproxy", ["haproxy", "-db", "-f", str(config)], folder, ports)


def nginx(folder: Path, body: str, ports: list[int]) -> proc.Process:
    """nginx with these servers; returns when it listens."""
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, body=body))
    words = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(config)]
    return _started("nginx", words, folder, ports)
