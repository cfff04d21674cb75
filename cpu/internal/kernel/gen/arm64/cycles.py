#!/usr/bin/env python3
"""Prints cycles.md: what llvm-mca says of the inner loops of matrix products on arm64.

    python3 cpu/internal/kernel/gen/arm64/cycles.py > cpu/internal/kernel/gen/arm64/cycles.md

No such machine is at hand. llvm-mca knows the pipes and latencies of cores, not their caches.
The loops are those of the test binary of package kernel, disassembled. The best that a core
can do is measured by the same model: as many independent multiplications as a loop has, and
nothing else. It needs Go and LLVM 19 or later (apt-get install llvm-19).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

CORES = ["apple-m1", "neoverse-v2", "neoverse-n1", "cortex-a78"]
# Cores without the instructions of a level, and a later one that the model says the same of.
LACK = {"apple-m1": {"i8mm", "bf16"}, "neoverse-n1": {"i8mm", "bf16"}, "cortex-a78": {"i8mm", "bf16"}}
SUCCESSOR = {"apple-m1": "apple-m2"}
FEATURES = "+bf16,+i8mm,+dotprod"

# The kernels with the most rows, by rows and by columns, of each level.
FAMILIES = [
    ("neon, float32", "gemmRows{}NEON"), ("neon, float32, of two panels", "gemmRowsPlus{}NEON"), ("neon, float32, by columns", "gemmCols{}NEON"), ("neon, float64", "gemmExact{}NEON"),
    ("neon, int8 as int16", "gemmRows{}NEONInt16"), ("dotprod, int8", "gemmRows{}DotProd"), ("i8mm, int8", "gemmRows{}I8MM"),
    ("bf16, bfloat16", "gemmRows{}BF16"), ("bf16, bfloat16, by columns", "gemmCols{}BF16"),
]
MULTIPLY = {"fmla", "bfmmla", "sdot", "udot", "usdot", "usmmla", "smmla", "ummla", "smlal", "smlal2", "bfdot"}


def tool(name):
    """The newest version of an LLVM tool, of 19 or later."""
    for version in range(30, 18, -1):
        if path := shutil.which(f"{name}-{version}"):
            return path
    sys.exit(f"cycles.py: {name} of LLVM 19 or later is missing: apt-get install llvm-19")


def run(*command, text=None, env=None):
    return subprocess.run(command, input=text, env=env, check=True, capture_output=True, text=True).stdout


def functions(binary):
    """The instructions of each function of package kernel: (address, mnemonic, operands)."""
    found, body = {}, None
    for line in run(tool("llvm-objdump"), "-d", "--no-show-raw-insn", "--mattr=" + FEATURES, binary).splitlines():
        if m := re.match(r"[0-9a-f]+ <(.*)>:", line):
            m = re.fullmatch(r"cradio/cpu/internal/kernel\.(\w+)\.abi0", m[1])
            body = found.setdefault(m[1], []) if m else None
        elif body is not None and (m := re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)", line)):
            body.append((int(m[1], 16), m[2], re.sub(r"\s*<.*>|//.*", "", m[3]).strip()))
    return found


def inner_loop(body):
    """The innermost loop with the most multiplications."""
    at = {address: i for i, (address, _, _) in enumerate(body)}
    loops = []
    for i, (address, op, operands) in enumerate(body):
        m = re.search(r"0x([0-9a-f]+)$", operands)
        if m and (op.startswith("b.") or op in ("b", "cbz", "cbnz")) and at.get(int(m[1], 16), i + 1) <= i:
            loops.append((at[int(m[1], 16)], i))
    inner = [(s, e) for s, e in loops if not any((s, e) != o and s <= o[0] and o[1] <= e for o in loops)]
    if not inner:
        return []
    s, e = max(inner, key=lambda loop: sum(op in MULTIPLY for _, op, _ in body[loop[0] : loop[1]]))
    return body[s:e]


def cycles(lines, core):
    """Cycles of an iteration, of many, and the busiest unit of the core: its name, and its cycles."""
    text = "\n".join(lines) + "\n"
    said = run(tool("llvm-mca"), "-mtriple=aarch64", "-mattr=" + FEATURES, "-mcpu=" + core, "-iterations=400", text=text)
    units = dict(re.findall(r"^(\[[\d.]+\])\s+- (\w+)$", said, re.M))
    heads, pressures = re.search(r"Resource pressure per iteration:\n(.*)\n(.*)", said).groups()
    busy = {units[unit]: float(p) for unit, p in zip(heads.split(), pressures.split()) if p != "-"}
    busiest = max(busy, key=busy.get)
    return int(re.search(r"Total Cycles:\s+(\d+)", said)[1]) / 400, re.sub(".*Unit", "", busiest), busy[busiest]


def independent(body):
    """The multiplications of a loop, none of which waits for another."""
    lines = []
    for _, op, operands in body:
        if op in MULTIPLY:
            kind = operands.split(",", 1)[0].strip().split(".")[1]
            sources = [re.sub(r"v\d+", f"v{14 + i}", s.strip()) for i, s in enumerate(operands.split(",")[1:])]
            to = [*range(14), *range(16, 32)][len(lines) % 24]  # v14 and v15 are read
            lines.append(f"{op} v{to}.{kind}, " + ", ".join(sources))
    return lines


def main():
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "kernel.test")
        env = dict(os.environ, GOOS="linux", GOARCH="arm64", CGO_ENABLED="0")
        run("go", "test", "-c", "-o", binary, "cradio/cpu/internal/kernel", env=env)
        found = functions(binary)
    version = re.search(r"LLVM version (\S+)", run(tool("llvm-mca"), "--version"))[1]
    print(f"""# Inner loops on arm64, by llvm-mca {version}

Written by cycles.py, and **not measured on hardware**: llvm-mca knows pipes and latencies, not
caches. For each kernel with the most rows: instructions of its inner loop, how many of them
multiply, and on each core cycles of the loop and their share of the multiply throughput, which
is how long the multiplications alone would take. The model of apple-m1 has three vector pipes and
that of cortex-a78 one for float32, fewer than these cores have. Cores without the instructions of
a level have no figure; for apple-m1 there is that of apple-m2, which has them. Below 95 % there
is, in parentheses, the busiest unit of the core in this loop, and how long it is busy: near 100 %,
that unit is the bound.

Two kinds of loops are below 95 %. One is products of Strassen's algorithm whose panel is the sum
or difference of two: its additions run on the pipes that multiply, a twelfth as many. Five of
seven products are such, and there would be eight: what is saved is more, 7 % in the models of
Arm's cores, and next to nothing in that of apple-m1, where the first multiplications of an
iteration wait for the additions.
Products in float64 are the other, except on Apple. Their operands are float32 in memory,
and conversions run on pipes that multiply: on one of the two of neoverse-n1, on two of the four
of neoverse-v2, and as three operations each in the model of cortex-a78. Made once for all tiles
that read an operand they would cost nothing. But these products have a single row or are small,
so that an operand is read by one tile or two.

| kernel | instructions | multiply | {' | '.join(CORES)} |
|---|---|---|{'---|' * len(CORES)}""")
    for label, pattern in FAMILIES:
        rows = [m for m in range(1, 33) if pattern.format(m) in found]
        if not rows:
            continue
        body = inner_loop(found[pattern.format(rows[-1])])
        lines, alone = [f"{op} {operands}" for _, op, operands in body], independent(body)
        cells = []
        for core in CORES:
            model, note = core, ""
            if label.split(",")[0] in LACK.get(core, ()):
                if core not in SUCCESSOR:
                    cells.append("lacks them")
                    continue
                model, note = SUCCESSOR[core], f" ({SUCCESSOR[core]})"
            (loop, unit, busy), (best, _, _) = cycles(lines, model), cycles(alone, model)
            if best < 0.95 * loop:
                note = f" ({unit} {100 * busy / loop:.0f} %)"
            cells.append(f"{loop:.1f}, {100 * best / loop:.0f} %{note}")
        print(f"| `{pattern.format(rows[-1])}` ({label}) | {len(body)} | {len(alone)} | {' | '.join(cells)} |")


main()
