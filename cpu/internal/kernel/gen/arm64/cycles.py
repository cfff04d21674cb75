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
    ("neon, float32", "gemmRows{}NEON"), ("neon, float32, of two panels", "gemmRowsPlus{}NEON"), ("neon, float32, by columns", "gemmCols{}NEON"),
    ("neon, float64", "gemmExactWide{}NEON"), ("neon, float64 of float32", "gemmExact{}NEON"),
    ("neon, int8 as int16", "gemmRows{}NEONInt16"), ("neon, int8 as int16, of two panels", "gemmRowsPlus{}NEONInt16"),
    ("dotprod, int8", "gemmRows{}DotProd"), ("i8mm, int8", "gemmRows{}I8MM"),
    ("bf16, bfloat16", "gemmRows{}BF16"), ("bf16, bfloat16, by columns", "gemmCols{}BF16"),
]
# Tiles of rows of a task of Strassen's algorithm, of seven products, five of which have a panel of two: that is made by
# the first tile, and kept for the others.
TILES, PRODUCTS, OF_TWO = 3, 7, 5
# What else takes time, with loops that do more than multiply.
OTHERS = [
    ("one row in float64, of float32", "gemmExact1NEON"), ("operands in float64", "toFloat64NEON"),
    ("left operands of Strassen's algorithm", "leftOperandsNEON"), ("its quarters of the result", "joinProductsNEON"),
    ("attention's weights, float32", "softmaxNEON"), ("attention's weights, bfloat16", "softmaxWordsBF16"), ("attention's gradient", "softmaxGradNEON"),
    ("GELU", "geluNEON"), ("GELU's gradient", "geluGradNEON"), ("LayerNorm", "layerNormNEON"), ("LayerNorm's gradient", "layerNormGradNEON"),
    ("bfloat16 of float32", "roundNEON"), ("the same", "roundBF16"), ("uint8 of float32", "quantiseNEON"), ("patches", "normalizeRowsNEON"),
    ("rows in pairs for i8mm and bf16", "joinLeftNEON"),
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
    """The innermost loop with the most multiplications, and of several the longest."""
    at = {address: i for i, (address, _, _) in enumerate(body)}
    loops = []
    for i, (address, op, operands) in enumerate(body):
        m = re.search(r"0x([0-9a-f]+)$", operands)
        if m and (op.startswith("b.") or op in ("b", "cbz", "cbnz", "tbz", "tbnz")) and at.get(int(m[1], 16), i + 1) <= i:
            loops.append((at[int(m[1], 16)], i))
    inner = [(s, e) for s, e in loops if not any((s, e) != o and s <= o[0] and o[1] <= e for o in loops)]
    if not inner:
        return []
    s, e = max(inner, key=lambda loop: (sum(op in MULTIPLY for _, op, _ in body[loop[0] : loop[1]]), loop[1] - loop[0]))
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


def models(label):
    """Of each core, the model to take for a level, and a note: no model where the core lacks its instructions."""
    for core in CORES:
        if label not in LACK.get(core, ()):
            yield core, ""
        elif core in SUCCESSOR:
            yield SUCCESSOR[core], f" ({SUCCESSOR[core]})"
        else:
            yield None, ""


def product(body, label):
    """The cells of a loop of a product, and (cycles, cycles of its multiplications alone) on each core."""
    lines, alone = [f"{op} {operands}" for _, op, operands in body], independent(body)
    cells, figures = [], []
    for model, note in models(label.split(",")[0]):
        if model is None:
            cells.append("lacks them")
            figures.append(None)
            continue
        (loop, unit, busy), (best, _, _) = cycles(lines, model), cycles(alone, model)
        if best < 0.95 * loop:
            note = f" ({unit} {100 * busy / loop:.0f} %)"
        cells.append(f"{loop:.1f}, {100 * best / loop:.0f} %{note}")
        figures.append((loop, best))
    return [str(len(body)), str(len(alone)), *cells], figures


def other(body, name):
    """The cells of any other loop."""
    lines = [f"{op} {operands}" for _, op, operands in body]
    cells = [str(len(body))]
    for model, note in models("bf16" if name.endswith("BF16") else ""):
        if model is None:
            cells.append("lacks them")
            continue
        loop, unit, busy = cycles(lines, model)
        cells.append(f"{loop:.1f} ({unit} {100 * busy / loop:.0f} %){note}")
    return cells


def row(*cells):
    print(f"| {' | '.join(cells)} |")


def main():
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "kernel.test")
        env = dict(os.environ, GOOS="linux", GOARCH="arm64", CGO_ENABLED="0")
        run("go", "test", "-c", "-o", binary, "cradio/cpu/internal/kernel", env=env)
        found = functions(binary)
    version = re.search(r"LLVM version (\S+)", run(tool("llvm-mca"), "--version"))[1]
    print(TEXT.format(version=version, tiles=TILES))
    row("kernel", "instructions", "multiply", *CORES)
    row(*["---"] * (3 + len(CORES)))
    of_family = {}
    for label, pattern in FAMILIES:
        name = next(pattern.format(m) for m in range(32, 0, -1) if pattern.format(m) in found)
        cells, of_family[pattern] = product(inner_loop(found[name]), label)
        row(f"`{name}` ({label})", *cells)
    first, later = of_family["gemmRowsPlus{}NEON"], of_family["gemmRows{}NEON"]
    cells = []
    for (plus, _), (plain, best) in zip(first, later):
        cells.append(f"{100 * PRODUCTS * TILES * best / (OF_TWO * plus + (PRODUCTS * TILES - OF_TWO) * plain):.0f} %")
    row(f"the first two, as Strassen's algorithm has them with {TILES} tiles of rows", "", "", *cells)
    print(OTHER_TEXT)
    row("kernel", "instructions", *CORES)
    row(*["---"] * (2 + len(CORES)))
    for label, name in OTHERS:
        row(f"`{name}` ({label})", *other(inner_loop(found[name]), name))


TEXT = """\
# Inner loops on arm64, by llvm-mca {version}

Written by cycles.py, and **not measured on hardware**: llvm-mca knows pipes and latencies, not
caches. For each kernel with the most rows: instructions of its inner loop, how many of them
multiply, and on each core cycles of the loop and their share of the multiply throughput, which
is how long the multiplications alone would take. The model of apple-m1 has three vector pipes and
that of cortex-a78 one for float32, fewer than these cores have. Cores without the instructions of
a level have no figure; for apple-m1 there is that of apple-m2, which has them. Below 95 % there
is, in parentheses, the busiest unit of the core in this loop, and how long it is busy: near 100 %,
that unit is the bound.

Attention and gradients have the same kernels: scores and derivatives are by rows, weighted values
by columns, in float32 or bfloat16.

Two loops are below 95 %. One is that of a tile of Strassen's algorithm whose panel is the sum or
difference of two. Additions run on the pipes that multiply, a twelfth as many; so do stores on
neoverse-n1 and neoverse-v2. So only the first tile of rows in a task makes the panel, and keeps it for
the others, in five of seven products. A task has two to four tiles, {tiles} in most products of
C-RADIOv2-B and L at 224 px: then five loops of 21 are of that kind, and the last row of the table is
the share of all. The seven products are instead of eight.
The other one is products in float64 with up to six rows. Their operands are float32 in memory, and
conversions run on pipes that multiply: on one of the two of neoverse-n1, on two of the four of
neoverse-v2, and as three operations each in the model of cortex-a78. Where several tiles read an
operand, it becomes float64 once (toFloat64), and loops have no conversions. Where one tile reads
it, that would save nothing. Of a single row, conversions are the bound, not multiplications: it is
at the end. An iteration takes 64 bytes of W, 7 a cycle on neoverse-n1 and 14 on neoverse-v2.
"""

OTHER_TEXT = """
What else takes time has loops that do more than multiply. Of each there are cycles of an iteration,
and the busiest unit of the core: near 100 %, that unit is the bound.
"""


main()
