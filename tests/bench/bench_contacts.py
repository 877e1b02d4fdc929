"""Completion over 20,000 contacts and as many uses: how long one answer takes.

  python3 tests/bench/bench_contacts.py

Prints the median and the worst of the whole request, in milliseconds. The
goal is 20 ms.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import harness  # noqa: E402
import mailbox as box  # noqa: E402

PEOPLE = 20000
ROUNDS = 400
FIRST = ("Anna", "Ben", "Chloë", "Дмитрий", "山田", "Zoë", "Jürgen", "Mila")
LAST = ("Schmidt", "Okafor", "Иванов", "太郎", "Müller", "Novak", "Smith")


def book() -> str:
    rows = (
        f"{random.choice(FIRST)} {random.choice(LAST)} {at},p{at}@firma{at % 500}.example"
        for at in range(PEOPLE)
    )
    return "Name,E-mail\n" + "\n".join(rows) + "\n"


def main() -> int:
    random.seed(1)
    backend = harness.backend()
    server = harness.new_server("people")
    server.start()
    try:
        user = box.new_user(backend)
        client = harness.Client(server.plain_port, server.secure_port, backend.ca_file)
        client.login(user, backend.passwords[user])
        page = client.get("/contacts/import")
        form = page.form(field="file")
        page = client.submit(form, "do=look", file=("x.csv", "text/csv", book().encode()))
        begin = time.monotonic()
        client.submit(page.form(field="known"), "do=import")
        print(f"import of {PEOPLE}: {time.monotonic() - begin:.1f} s")
        words = ["a", "an", "schm", "мюл", "太", "p1999", "firma49", "zzzz", "anna sch", ""]
        took: dict[str, list[float]] = {word: [] for word in words}
        for _ in range(ROUNDS // len(words)):
            for word in words:
                begin = time.perf_counter()
                client.get(f"/complete?q={quote(word)}")
                took[word].append((time.perf_counter() - begin) * 1000)
        for word, times in took.items():
            times.sort()
            print(f"{word!r:12} median {statistics.median(times):6.2f} ms, worst {times[-1]:6.2f} ms")
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
