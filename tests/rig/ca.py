#!/usr/bin/python3
"""A certificate authority for tests, made with the openssl program.

  ca.py FOLDER    makes FOLDER/ca.pem and FOLDER/server.pem, FOLDER/server.key
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

SERVER_NAMES = ("localhost", "127.0.0.1", "mail.demo.test")
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_CA_CONFIG = """\
[ca]
default_ca = rig
[rig]
dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_days = 365
unique_subject = no
policy = any
copy_extensions = none
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {san}
"""


@dataclass(frozen=True)
class Certificate:
    """Paths of a PEM certificate and its key."""

    cert: Path
    key: Path


def find(folder: Path) -> Certificate:
    """The certificate and the key in a folder that holds one of each."""
    certs, keys = [], []
    for path in sorted(folder.iterdir()):
        text = path.read_text(errors="replace")
        if "PRIVATE KEY-----" in text:
            keys.append(path)
        elif "-----BEGIN CERTIFICATE-----" in text:
            certs.append(path)
    if len(certs) != 1 or len(keys) != 1:
        raise FileNotFoundError(f"{folder} holds not one certificate and one key")
    return Certificate(certs[0], keys[0])


def _openssl(*words: str | Path) -> None:
    done = subprocess.run(
        ["openssl", *map(str, words)], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr.strip()}")


def alt_names(names: Sequence[str]) -> str:
    kinds = (
        "email" if "@" in name else "IP" if name[:1].isdigit() else "DNS" for name in names
    )
    return ",".join(f"{kind}:{name}" for kind, name in zip(kinds, names))


def self_signed(
    folder: Path, stem: str, names: Sequence[str] = SERVER_NAMES
) -> Certificate:
    """A certificate that no authority vouches for."""
    made = Certificate(folder / f"{stem}.pem", folder / f"{stem}.key")
    # fmt: off
    _openssl("req", "-x509", *_CURVE, "-days", "30", "-subj", f"/CN={names[0]}",
             "-addext", f"subjectAltName={alt_names(names)}",
             "-keyout", made.key, "-out", made.cert)
    # fmt: on
    made.key.chmod(0o600)
    return made


class Authority:
    """The CA of one folder; made when the folder has none."""

    def __init__(self, folder: Path, name: str = "iwebmsg test CA") -> None:
        self.folder = folder
        self.cert = folder / "ca.pem"
        self.key = folder / "ca.key"
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not self.cert.exists():
            self._make(name)

    def _make(self, name: str) -> None:
        # fmt: off
        _openssl("req", "-x509", *_CURVE, "-days", "3650", "-subj", f"/CN={name}",
                 "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-keyout", self.key, "-out", self.cert)
        # fmt: on
        self.key.chmod(0o600)
        (self.folder / "index.txt").write_text("")
        (self.folder / "serial").write_text("1000\n")

    def issue(
        self,
        stem: str,
        names: Sequence[str] = SERVER_NAMES,
        *,
        expired: bool = False,
        early: bool = False,
        client: bool = False,
    ) -> Certificate:
        """Makes FOLDER/<stem>.pem and .key; an expired one ended in 2020, an
        early one begins in 2040."""
        made = Certificate(self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        config = self.folder / f"{stem}.cnf"
        request = self.folder / f"{stem}.csr"
        usage = "clientAuth" if client else "serverAuth"
        san = alt_names(names)
        config.write_text(
            _CA_CONFIG.format(folder=self.folder, usage=usage, san=san)
        )
        span: tuple[str, ...] = ("-days", "365")
        if expired:
            span = ("-startdate", "20190101000000Z", "-enddate", "20200101000000Z")
        if early:
            span = ("-startdate", "20400101000000Z", "-enddate", "20410101000000Z")
        # fmt: off
        _openssl("req", "-new", *_CURVE, "-subj", f"/CN={names[0]}",
                 "-keyout", made.key, "-out", request)
        _openssl("ca", "-batch", "-notext", "-config", config, "-extensions", "leaf",
                 *span, "-in", request, "-out", made.cert)
        # fmt: on
        made.key.chmod(0o600)
        return made

    def revoke(self, *stems: str, stale: bool = False) -> Path:
        """Revokes certificates issued under these stems; the revocation list,
        a stale one of 2020."""
        config = self.folder / "crl.cnf"
        config.write_text(_CA_CONFIG.format(folder=self.folder, usage="clientAuth", san="DNS:x"))
        for stem in stems:
            _openssl("ca", "-config", config, "-revoke", self.folder / f"{stem}.pem")
        crl = self.folder / "crl.pem"
        span: tuple[str, ...] = ("-crldays", "30")
        if stale:
            span = ("-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z")
        _openssl("ca", "-config", config, "-gencrl", *span, "-out", crl)
        return crl


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    made = Authority(Path(sys.argv[1])).issue("server")
    print(made.cert)
    return 0


if __name__ == "__main__":
    sys.exit(main())
