#!/usr/bin/python3
"""Line coverage per room, from the cover flavour's gcov data.

  cover.py [--files] BUILD_FOLDER
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path


def lines_of(data: Path) -> dict[str, dict[int, int]]:
    """{source: {line: times}} of one object."""
    done = subprocess.run(
        ["gcov", "--json-format", "--stdout", str(data)],
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, dict[int, int]] = {}
    for text in done.stdout.splitlines():
        for source in json.loads(text)["files"]:
            counts = result.setdefault(source["file"], {})
            for line in source["lines"]:
                number = line["line_number"]
                counts[number] = counts.get(number, 0) + line["count"]
    return result


def main() -> int:
    files = "--files" in sys.argv
    folder = Path(sys.argv[-1])
    seen: dict[str, dict[int, int]] = defaultdict(dict)
    # An object that no test touched has notes (.gcno) and no data (.gcda).
    for notes in sorted((folder / "server").rglob("*.gcno")):
        for source, counts in lines_of(notes).items():
            if not source.startswith("server/"):
                continue
            for number, times in counts.items():
                seen[source][number] = seen[source].get(number, 0) + times
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for source, counts in sorted(seen.items()):
        hit, total = sum(1 for times in counts.values() if times), len(counts)
        room = source.split("/")[1]
        rooms[room][0] += hit
        rooms[room][1] += total
        if files and total:
            print(f"{100 * hit / total:5.1f} %  {total:5} lines  {source}")
    for room, (hit, total) in sorted(rooms.items()):
        if total:
            print(f"{100 * hit / total:5.1f} %  {total:5} lines  {room}")
    return 0 if rooms else 1


if __name__ == "__main__":
    sys.exit(main())
