"""The SSL Labs rating guide (version 2009q), applied to testssl.sh's findings.

testssl.sh 3.0 grades nothing itself. rate() takes its list of findings
({"id", "severity", "finding"}) and gives the grade with the scores and whatever
caps it. What the findings do not say is never taken for good: a missing id is a
KeyError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterable

ORDER = ["A+", "A", "A-", "B", "C", "D", "E", "F", "M", "T"]
LONG_HSTS_DAYS = 180
FINE = ("OK", "INFO")
# "Protocol support": the mean of the best and the worst that is offered.
PROTOCOLS = {"SSLv2": 0, "SSLv3": 80, "TLS1": 90, "TLS1_1": 95, "TLS1_2": 100, "TLS1_3": 100}
# The guide's "Grade change" rules: a finding that says so caps the grade.
VULNERABLE = {
    "heartbleed": "F",
    "CCS": "F",
    "ticketbleed": "F",
    "ROBOT": "F",
    "secure_renego": "F",
    "CRIME_TLS": "C",
    "POODLE_SSL": "C",
    "FREAK": "F",
    "DROWN": "F",
    "LOGJAM": "F",
    "RC4": "B",
    "SWEET32": "C",
}
# testssl.sh 3.0 leaves these out where TLS 1.3 is all there is: it has no cipher
# of 64-bit blocks.
NOT_IN_TLS13 = {"SWEET32"}
CIPHER_CLASSES = {
    "cipherlist_NULL": "F",
    "cipherlist_aNULL": "F",
    "cipherlist_EXPORT": "F",
    "cipherlist_LOW": "F",
}


@dataclass
class Rating:
    grade: str = ""
    protocol: int = 0
    key_exchange: int = 0
    cipher: int = 0
    caps: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        return self.protocol * 0.3 + self.key_exchange * 0.3 + self.cipher * 0.4

    def __str__(self) -> str:
        scores = f"protocol {self.protocol}, key exchange {self.key_exchange}, cipher {self.cipher}"
        return f"{self.grade} ({scores}; {'; '.join(self.caps) or 'nothing caps it'})"


def _is_offered(finding: str) -> bool:
    return finding.startswith("offered")


def _key_bits(finding: str) -> int:
    """The strength of a key as that of an RSA key (NIST SP 800-57, table 2)."""
    bits = int(re.search(r"(\d+) bits", finding)[1])  # type: ignore[index]
    if not finding.startswith("EC"):
        return bits
    return 1024 if bits < 224 else 2048 if bits < 256 else 3072 if bits < 384 else 7680


def _key_score(bits: int) -> int:
    for limit, score in ((512, 20), (1024, 40), (2048, 80), (4096, 90)):
        if bits < limit:
            return score
    return 100


def _cipher_score(bits: int) -> int:
    return 0 if bits == 0 else 20 if bits < 128 else 80 if bits < 256 else 100


def _ciphers(findings: Iterable[dict]) -> list[tuple[str, str, int]]:
    """Name, key exchange and bits of all that was agreed on."""
    rows = []
    for each in findings:
        if not re.fullmatch(r"cipher_x[0-9a-f]+", each["id"]):
            continue
        words = each["finding"].split()
        # code, name, key exchange, its bits (not for RSA), encryption, bits, RFC name
        numbers = [int(word) for word in words[2:] if word.isdigit()]
        rows.append((words[1], words[2], numbers[-1] if numbers else 0))
    if not rows:
        raise KeyError("no ciphers among the findings")
    return rows


def _agrees(said: dict[str, str], bad: set[str], rating: Rating) -> list[tuple[str, str]]:
    """Every rule that caps, as (grade, why). bad: what is not well."""
    found = []
    for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1"):
        if _is_offered(said[name]):
            found.append(("F" if name == "SSLv2" else "B", f"{name} is offered"))
    if not _is_offered(said["TLS1_3"]):
        found.append(("A-", "no TLS 1.3"))
    if not _is_offered(said["TLS1_2"]) and not _is_offered(said["TLS1_3"]):
        found.append(("C", "no TLS 1.2"))
    for name, cap in CIPHER_CLASSES.items():
        if _is_offered(said[name]):
            found.append((cap, f"{name[11:]} ciphers are offered"))
    newest_only = not any(_is_offered(said[name]) for name in PROTOCOLS if name != "TLS1_3")
    for name, cap in VULNERABLE.items():
        if newest_only and name in NOT_IN_TLS13 and name not in said:
            continue
        if name in bad or not said[name]:
            found.append((cap, f"{name}: {said[name]}"))
    if rating.key_exchange < 90:
        found.append(("B", "a key of less than 2048 bits"))
    if re.search(r"md5|md2", said["cert_signatureAlgorithm"], re.I):
        found.append(("F", "signed with MD5"))
    if re.search(r"sha-?1\b", said["cert_signatureAlgorithm"], re.I):
        found.append(("T", "signed with SHA-1"))
    if "passed" not in said["cert_chain_of_trust"] or "expired" in said["cert_expirationStatus"]:
        found.append(("T", f"not trusted: {said['cert_chain_of_trust']}"))
    if not said["cert_trust"].startswith("Ok"):
        found.append(("M", f"name: {said['cert_trust']}"))
    return found


def _strict_transport(said: dict[str, str]) -> tuple[str, str] | None:
    days = re.match(r"(\d+) days", said.get("HSTS_time", ""))
    if days is None or int(days[1]) < LONG_HSTS_DAYS:
        return ("A", f"no Strict-Transport-Security of {LONG_HSTS_DAYS} days")
    return None


def rate(findings: list[dict]) -> Rating:
    """Two certificates have two findings `cert_keySize <cert#1>`: the worse counts."""
    said: dict[str, str] = {}
    bad = {each["id"].split(" ")[0] for each in findings if each["severity"] not in FINE}
    keys = []
    for each in findings:
        name = each["id"].split(" ")[0]
        if name == "cert_keySize":
            keys.append(_key_bits(each["finding"]))
        # Of two certificates the one that is not well speaks.
        if name not in said or each["severity"] not in FINE:
            said[name] = each["finding"]
    ciphers = _ciphers(findings)
    scores = [score for name, score in PROTOCOLS.items() if _is_offered(said[name])]
    bits = [_cipher_score(row[2]) for row in ciphers]
    rating = Rating(
        protocol=(max(scores) + min(scores)) // 2,
        key_exchange=_key_score(min(keys)),
        cipher=(max(bits) + min(bits)) // 2,
    )
    caps = _agrees(said, bad, rating)
    if any(row[1] not in ("ECDH", "DH") for row in ciphers):
        caps.append(("B", "ciphers without forward secrecy"))
    if not any("GCM" in row[0] or "CHACHA" in row[0] or "CCM" in row[0] for row in ciphers):
        caps.append(("B", "no cipher with AEAD"))
    hsts = _strict_transport(said)
    if hsts is not None:
        caps.append(hsts)
    limits = ((80, "A+"), (65, "B"), (50, "C"), (35, "D"), (20, "E"), (0, "F"))
    by_score = next(grade for limit, grade in limits if rating.total >= limit)
    rating.grade = max([by_score, *(cap for cap, _ in caps)], key=ORDER.index)
    rating.caps = [f"{cap}: {why}" for cap, why in caps]
    return rating
