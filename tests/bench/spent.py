"""Processor time and memory of servers, as the kernel counts them."""

from __future__ import annotations

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Of its first thread, which starts them."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu_s(pid: int) -> float:
    """Processor time of a process, all its threads and living children."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    ns = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    return ns / 1e9 + sum(cpu_s(each) for each in children(pid))


def cpu_with_ended_s(pid: int) -> float:
    """As cpu_s(), with the children that have ended; in steps of 10 ms."""
    try:
        below = children(pid)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    spent = sum(int(each) for each in fields[11:15]) / TICK
    return spent + sum(cpu_with_ended_s(each) for each in below)


def pss_kb(pid: int) -> int:
    """Proportional memory of a process and its children."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total = int(line.split()[1])
    return total + sum(pss_kb(each) for each in children(pid))
