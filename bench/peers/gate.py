"""Measures in alternation, on a quiet machine: what probe.py and knn.py share.

Before and after each measurement a few milliseconds of matrix products tell the speed of the processor. A round counts only if
all its measurements do: both probes reach 85 % of the fastest of the run and differ by at most 10 %, and other processes used at
most 5 % of the processor time. A disturbed round is repeated, a few times.
"""
import os
import resource
import statistics
import time

import torch

LEAST, APART, OTHERS = 0.85, 0.10, 0.05
_a = torch.rand(1024, 1024)


def speed():
    """The best of a few products, in GFLOP/s."""
    best = 0.0
    for _ in range(4):
        began = time.perf_counter()
        _a @ _a
        best = max(best, 2 * 1024**3 / (time.perf_counter() - began) / 1e9)
    return best


def _busy():
    """CPU seconds of the whole machine, stolen ones too, and of this process with its children."""
    fields = [int(v) for v in open("/proc/stat").readline().split()[1:]]
    idle = fields[3] + fields[4]
    own = sum(r.ru_utime + r.ru_stime for r in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK"), own


class Gate:
    def __init__(self):
        self.fastest = 0.0

    def measure(self, run):
        """Seconds of run(), which returns them, and what disturbed it, or None."""
        before, (all0, own0), began = speed(), _busy(), time.perf_counter()
        seconds = run()
        wall, (all1, own1), after = time.perf_counter() - began, _busy(), speed()
        self.fastest = max(self.fastest, before, after)
        others = max(0.0, (all1 - all0) - (own1 - own0)) / (wall * os.cpu_count())
        why = None
        if others > OTHERS:
            why = f"other processes used {100 * others:.0f} % of the processor time"
        elif min(before, after) < LEAST * self.fastest or abs(before - after) > APART * max(before, after):
            why = f"the processor's speed was {before:.0f} and {after:.0f} GFLOP/s, at best {self.fastest:.0f}"
        return seconds, why

    def rounds(self, entrants, n, tries=3):
        """{name: [seconds]} of n rounds in which each entrant ran once; each begins with another. Disturbed rounds are left out."""
        names, out, discarded = list(entrants), {name: [] for name in entrants}, 0
        done = 0
        for attempt in range(n * tries):
            if done == n:
                break
            turn = names[attempt % len(names):] + names[:attempt % len(names)]
            found = {name: self.measure(entrants[name]) for name in turn}
            why = next((f"{name}: {w}" for name, (_, w) in found.items() if w), None)
            print("  ".join(f"{name} {found[name][0]:.2f} s" for name in names), f"  disturbed ({why})" if why else "", flush=True)
            if why:
                discarded += 1
                continue
            done += 1
            for name in names:
                out[name].append(found[name][0])
        return out, discarded


def medians(times):
    return {name: statistics.median(t) for name, t in times.items() if t}
