#!/usr/bin/python3
"""What the best grade asks of the secure port, tried with openssl s_client.

  tls_grade.py                          an iwebmsgd of its own, EnableSSL and
                                        ForceSSL on
  tls_grade.py PORT CA_FILE [HOST]      a server that runs already

One `ok` or `not ok` line per demand; closes with `N passed, N failed`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

LIMIT_S = 20
MIN_HSTS_S = 180 * 86400
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


def grade(target: Target) -> int:
    grades = Grades()
    for step in (grade_handshakes, grade_preference, grade_extras, grade_http):
        try:
            step(target, grades)
        except RuntimeError as problem:
            grades.demand(step.__name__, False, str(problem))
    print(f"{grades.passed} passed, {grades.failed} failed")
    return 1 if grades.failed else 0


def main() -> int:
    if len(sys.argv) > 2:
        return grade(Target(int(sys.argv[1]), *sys.argv[2:4]))
    import harness

    server = harness.new_server("tls")
    server.sections["SSL"]["ForceSSL"] = 1
    try:
        server.start()
        return grade(Target(server.secure_port, str(harness.backend().ca_file)))
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
