"""Random and mutated bytes into every decoder: a value or the one documented error, never anything else."""

from __future__ import annotations

import argparse
import random
import sys
import time

from fuzz.targets import TARGETS


def mutate(source: random.Random, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _ in range(source.randrange(1, 6)):
        choice = source.randrange(4)
        at = source.randrange(len(data) + 1)
        if choice == 0 and data:
            data[at % len(data)] = source.randrange(256)
        elif choice == 1:
            data[at:at] = source.randbytes(source.randrange(1, 9))
        elif choice == 2:
            del data[at : at + source.randrange(1, 9)]
        elif data:
            data[at % len(data)] ^= 1 << source.randrange(8)
    return bytes(data)


def run(executions: int | None, seconds: float | None, seed: int) -> int:
    """How many inputs were tried; raises whatever a decoder raised that it must not."""
    source, count = random.Random(seed), 0
    end = None if seconds is None else time.monotonic() + seconds
    while (executions is None or count < executions) and (end is None or time.monotonic() < end):
        for target in TARGETS:
            known = source.choice(target.seeds)
            data = source.randbytes(source.randrange(200)) if source.random() < 0.2 else mutate(source, known)
            target.check(data)
            count += 1
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    print(f"{run(None, arguments.seconds, arguments.seed)} inputs, nothing but values and documented errors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
