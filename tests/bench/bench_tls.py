#!/usr/bin/python3
"""TLS of iwebmsgd beside nginx and libmicrohttpd's own, in one run.

  bench_tls.py [--rounds N] [--seconds S] [--clients N]

One certificate (EC P-256), one page of 20 KB, TLS 1.3 without resumption. By
turns, --rounds times: kept-alive requests, then a new handshake for each
request (wrk, Connection: close). Counted per second of the server's own CPU
time, which other load on the machine does not change much; the ratios are what
to quote. Writes build/bench/tls.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402

TOP = HERE.parent.parent
RESULT = TOP / "build" / "bench" / "tls.json"
PAGE_BYTES = 20_000
NAME = "bench.css"
TICK = os.sysconf("SC_CLK_TCK")
KINDS = {"kept": [], "new": ["-H", "Connection: close"]}
NGINX = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.3;
        ssl_session_tickets on;
        root {folder}/root;
    }}
}}
"""


def cpu_seconds(pid: int) -> float:
    """Of a process and all below it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / TICK
    return own + sum(cpu_seconds(int(child)) for child in children)


class Peer:
    """One server that answers the page."""

    def __init__(self, name: str, pid: int, url: str) -> None:
        self.name, self.pid, self.url = name, pid, url
        self.per_cpu: dict[str, list[float]] = {kind: [] for kind in KINDS}
        self.per_s: dict[str, list[float]] = {kind: [] for kind in KINDS}

    def run(self, kind: str, args: argparse.Namespace) -> None:
        before = cpu_seconds(self.pid)
        words = ["-t1", f"-c{args.clients}", f"-d{args.seconds}s", *KINDS[kind], self.url]
        done = subprocess.run(["wrk", *words], capture_output=True, text=True, check=True)
        spent = cpu_seconds(self.pid) - before
        found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
        bad = re.search(r"Non-2xx|Socket errors: connect [1-9]", done.stdout)
        if found is None or bad is not None or int(found[1]) == 0:
            raise RuntimeError(f"{self.name}: {done.stdout}")
        self.per_cpu[kind].append(int(found[1]) / spent)
        self.per_s[kind].append(int(found[1]) / float(found[2]))


class Bench:
    def __init__(self) -> None:
        self.folder = harness.new_folder("tls-bench")
        self.page = bytes(random.Random(1).choices(b"abcdefghij klmnop{}:;\n", k=PAGE_BYTES))
        self.certificate = harness.web_certificate()
        self.started: list[harness.proc.Process] = []

    def ours(self) -> Peer:
        override = self.folder / "look"
        static = override / "static"
        static.mkdir(parents=True)
        (static / NAME).write_bytes(self.page)
        self.server = harness.new_server("bench")
        self.server.sections["Server"].update(TemplateDir=override, Gzip=0)
        self.server.sections["SSL"].update(MinProtocol="TLSv1.3")
        self.server.start()
        url = f"https://127.0.0.1:{self.server.secure_port}/static/{NAME}"
        assert self.server.process is not None
        return Peer("iwebmsgd", self.server.process.pid, url)

    def spawn(self, name: str, port: int, *words: str | Path) -> int:
        made = harness.proc.Process(name, words, self.folder / f"{name}.log")
        self.started.append(made)
        harness.proc.wait_port(port, name, made)
        return made.pid

    def nginx(self, port: int) -> Peer:
        folder = self.folder / "nginx"
        (folder / "root").mkdir(parents=True)
        (folder / "root" / NAME).write_bytes(self.page)
        shutil.copy(self.certificate.key, folder / "server.key")
        config = folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=folder, port=port, cert=self.certificate.cert, key=folder / "server.key"
            )
        )
        words = ["-c", config, "-p", folder, "-e", folder / "error.log"]
        pid = self.spawn("nginx", port, "/usr/sbin/nginx", *words)
        return Peer("nginx", pid, f"https://127.0.0.1:{port}/{NAME}")

    def microhttpd(self, port: int) -> Peer:
        program = TOP / "build" / "bench" / "mhd_tls"
        page = self.folder / NAME
        page.write_bytes(self.page)
        chain = self.certificate
        pid = self.spawn("mhd", port, program, str(port), chain.cert, chain.key, page)
        return Peer("libmicrohttpd", pid, f"https://127.0.0.1:{port}/")

    def run(self, args: argparse.Namespace) -> list[Peer]:
        first, second = harness.proc.free_ports(2)
        try:
            peers = [self.ours(), self.nginx(first), self.microhttpd(second)]
            for _ in range(args.rounds):
                for kind in KINDS:
                    for peer in peers:
                        peer.run(kind, args)
        finally:
            for process in self.started:
                process.stop()
            self.server.stop()
        return peers


def show(peers: list[Peer]) -> dict:
    result: dict = {}
    print(f"{'':16}{'kept/CPU-s':>12}{'new/CPU-s':>12}{'kept/s':>10}{'new/s':>10}")
    for peer in peers:
        rates = {f"{kind}_per_cpu_s": statistics.median(peer.per_cpu[kind]) for kind in KINDS}
        rates |= {f"{kind}_per_s": statistics.median(peer.per_s[kind]) for kind in KINDS}
        result[peer.name] = {name: round(value, 1) for name, value in rates.items()}
        print(f"{peer.name:16}{rates['kept_per_cpu_s']:>12.0f}{rates['new_per_cpu_s']:>12.0f}"
              f"{rates['kept_per_s']:>10.0f}{rates['new_per_s']:>10.0f}")  # fmt: skip
    ours = result["iwebmsgd"]
    for peer in peers[1:]:
        other = result[peer.name]
        ratios = {kind: ours[f"{kind}_per_cpu_s"] / other[f"{kind}_per_cpu_s"] for kind in KINDS}
        print(f"of {peer.name}: kept {ratios['kept']:.2f}, new handshakes {ratios['new']:.2f}")
        result[f"of_{peer.name}"] = {kind: round(ratio, 3) for kind, ratio in ratios.items()}
    return result


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    args = parser.parse_args()
    result = show(Bench().run(args))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
