"""What the system knows of a process, by its number."""

import os
import time
from pathlib import Path

PATIENCE = 60.0  # seconds, on a busy machine


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_gone(pid: int) -> bool:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # ended: only its parent has not asked yet
            return True
        time.sleep(0.05)
    return False
