#!/usr/bin/python3
"""What the best grade asks of the secure port.

  tls_grade.py                          an iwebmsgd of its own per strength,
                                        under ForceSSL: openssl s_client, then
                                        testssl.sh and the SSL Labs rating guide
  tls_grade.py PORT CA_FILE [HOST]      a server that runs already: s_client

One `ok` or `not ok` line per demand; closes with `N passed, N failed`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "integration"))

import tls_rating  # noqa: E402

LIMIT_S = 20
SCAN_LIMIT_S = 900
MIN_HSTS_S = 180 * 86400
# Warnings of testssl.sh about itself: its openssl has no GOST engine; it often
# ends a connection before TLS 1.3's ticket has come, and has none to come back with.
NOT_OURS = {"engine_problem", "sessionresumption_ticket"}
# Cipher lists of OpenSSL that no server should take: no forward secrecy, no
# authentication, no encryption, old constructions. Debian's OpenSSL knows neither
# RC4 nor 3DES: nothing to ask for.
REFUSED_CIPHERS = {
    "no forward secrecy": "kRSA",
    "anonymous": "aNULL",
    "unencrypted": "eNULL",
    "CBC with SHA-1": "ECDHE+SHA1:DHE+SHA1",
}
REFUSED_VERSIONS = {"TLS 1.1": "-tls1_1", "TLS 1.0": "-tls1"}


@dataclass
class Target:
    port: int
    ca_file: str
    host: str = "mail.demo.test"

    def talk(self, *words: str, say: str = "") -> str:
        """What s_client prints about one connection."""
        # fmt: off
        argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}",
                "-servername", self.host, "-CAfile", self.ca_file,
                "-verify_hostname", self.host, "-verify_return_error", *words]
        # fmt: on
        try:
            done = subprocess.run(
                argv,
                input=say,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=LIMIT_S,
            )
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode(errors="replace")
        return done.stdout

    def cipher(self, *words: str) -> str:
        """The cipher agreed on; empty when the server refused."""
        said = self.talk(*words)
        found = re.search(r"Cipher is (\S+)", said)
        if "CONNECTED(" not in said or found is None:
            raise RuntimeError(f"no talk with port {self.port}:\n{said}")
        return found.group(1) if found.group(1) != "(NONE)" else ""


class Grades:
    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def demand(self, what: str, good: bool, detail: str = "") -> None:
        self.passed += good
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} tls/{what}", flush=True)
        if not good and detail:
            print("".join(f"  {line}\n" for line in detail.splitlines()[-25:]), end="")

    def close(self) -> int:
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def grade_handshakes(target: Target, grades: Grades) -> None:
    for version in ("-tls1_3", "-tls1_2"):
        said = target.talk(version)
        good = "Verify return code: 0 (ok)" in said and "Cipher is (NONE)" not in said
        grades.demand(f"offers {version[1:]}", good, said)
    for name, version in REFUSED_VERSIONS.items():
        cipher = target.cipher(version, "-cipher", "ALL:@SECLEVEL=0")
        grades.demand(f"refuses {name}", cipher == "", cipher)
    for name, ciphers in REFUSED_CIPHERS.items():
        cipher = target.cipher("-tls1_2", "-cipher", f"{ciphers}:@SECLEVEL=0")
        grades.demand(f"refuses {name}", cipher == "", cipher)


def grade_preference(target: Target, grades: Grades) -> None:
    pair = ["AES128-GCM-SHA256", "AES256-GCM-SHA384"]
    kind = "ECDSA" if "ECDSA" in target.cipher("-tls1_2") else "RSA"
    names = [f"ECDHE-{kind}-{each}" for each in pair]
    one = target.cipher("-tls1_2", "-cipher", ":".join(names))
    other = target.cipher("-tls1_2", "-cipher", ":".join(reversed(names)))
    detail = f"asked in two orders: {one}, {other}"
    grades.demand("its own order of ciphers", one == other != "", detail)


def grade_extras(target: Target, grades: Grades) -> None:
    said = target.talk("-tls1_2")
    key = re.search(r"Server public key is (\d+) bit", said)
    bits = int(key.group(1)) if key else 0
    elliptic = "ECDSA" in said or bits in (256, 384, 521)
    grades.demand("a long key", bits >= (256 if elliptic else 2048), said)
    grades.demand("no compression", "Compression: NONE" in said, said)
    # s_client takes a line "R" as the wish to renegotiate.
    said = target.talk("-tls1_2", say="R\n")
    refused = "RENEGOTIATING" in said and re.search(r"no renegotiation|alert|error", said)
    grades.demand("no renegotiation by the client", bool(refused), said)


def grade_http(target: Target, grades: Grades) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {target.host}:{target.port}\r\nConnection: close\r\n\r\n"
    said = target.talk("-quiet", say=request.replace("\r\n", "\n"))
    found = re.search(r"strict-transport-security:\s*max-age=(\d+)", said, re.I)
    age = int(found.group(1)) if found else 0
    grades.demand("HSTS of half a year", age >= MIN_HSTS_S, said)


def run_steps(target: Target, grades: Grades) -> None:
    for step in (grade_handshakes, grade_preference, grade_extras, grade_http):
        try:
            step(target, grades)
        except RuntimeError as problem:
            grades.demand(step.__name__, False, str(problem))


def authority(folder: Path) -> tuple[Path, list[tuple[Path, Path]]]:
    """A private CA by our own utility, and certificates of both kinds of key."""
    import server as web

    def run(*words: str | Path) -> None:
        argv = [str(web.program("iwebmsg-ssl")), "ca", *map(str, words), "--ca-dir", str(folder)]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, timeout=LIMIT_S)

    run("init", "--name", "iwebmsg test CA", "--crl-url", "http://ca.demo.test/ca.crl")
    made = []
    for kind in ("ec:p256", "rsa:2048"):
        out = folder / kind.replace(":", "-")
        words = ["--name", Target.host, "--key", kind, "--out-dir", out]
        run("issue", *words, "--cert", out / "server.pem", "--key-file", out / "server.key")
        made.append((out / "server.pem", out / "server.key"))
    return folder / "ca.pem", made


class Scan:
    """testssl.sh over one server, beside whatever else is done."""

    def __init__(self, name: str, target: Target, folder: Path) -> None:
        self.name = name
        self.json = folder / f"testssl-{name}.json"
        self.log = folder / f"testssl-{name}.txt"
        # What the rating asks for; simulations of old clients are no part of it.
        # fmt: off
        argv = ["testssl", "--warnings", "off", "--color", "0", "--quiet", "--ip", "127.0.0.1",
                "--connect-timeout", "30", "--openssl-timeout", "30",
                "--add-ca", target.ca_file, "--jsonfile", str(self.json),
                "-p", "-s", "-f", "-P", "-S", "-h", "-U", "-e",
                f"https://{target.host}:{target.port}/"]
        # fmt: on
        self.out = self.log.open("w")
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=self.out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def findings(self) -> list[dict]:
        self.process.wait(timeout=SCAN_LIMIT_S)
        self.out.close()
        return json.loads(self.json.read_text())

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def grade_scan(scan: Scan, grades: Grades) -> None:
    """No finding above LOW, and the best grade by the rating guide."""
    found = scan.findings()
    bad = [
        f"{each['id']}: {each['severity']}: {each['finding'][:200]}"
        for each in found
        if each["severity"] in ("MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL")
        and each["id"].split(" ")[0] not in NOT_OURS
    ]
    grades.demand(f"{scan.name}: no finding above LOW", not bad, "\n".join(bad))
    rating = tls_rating.rate(found)
    grades.demand(f"{scan.name}: graded A+", rating.grade == "A+", str(rating))
    print(f"   {scan.name}: {rating}", flush=True)


def grade_own() -> int:
    """Both strengths under ForceSSL, with a certificate of a private CA."""
    import harness

    folder = harness.new_folder("tls")
    ca_file, (elliptic, rsa) = authority(folder / "ca")
    servers, scans, grades = [], [], Grades()
    try:
        for strength in ("intermediate", "modern"):
            server = harness.new_server(f"tls-{strength}")
            ssl = server.sections["SSL"]
            ssl.update(ForceSSL=1, EncryptionStrength=strength)
            ssl.update(Certificate=elliptic[0], PrivateKey=elliptic[1])
            if strength == "intermediate":
                ssl.update(Certificate2=rsa[0], PrivateKey2=rsa[1])
            server.start()
            servers.append(server)
            scans.append(Scan(strength, Target(server.secure_port, str(ca_file)), folder))
        run_steps(Target(servers[0].secure_port, str(ca_file)), grades)
        for scan in scans:
            try:
                grade_scan(scan, grades)
            except (KeyError, ValueError, OSError, subprocess.TimeoutExpired) as problem:
                said = scan.log.read_text(errors="replace")
                grades.demand(f"{scan.name}: scanned", False, f"{said}\n{problem!r}")
    finally:
        for scan in scans:
            scan.stop()
        for server in servers:
            server.stop()
    return grades.close()


def main() -> int:
    if len(sys.argv) > 2:
        grades = Grades()
        run_steps(Target(int(sys.argv[1]), *sys.argv[2:4]), grades)
        return grades.close()
    return grade_own()


if __name__ == "__main__":
    sys.exit(main())
