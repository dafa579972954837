#!/usr/bin/env python3
"""Print the medians of the samples, their ratios, and whether each is as required; exit 1 if one falls short.

Usage: table.py SAMPLES CHECKS
SAMPLES has lines `name seconds`; CHECKS is the number of checks in one run of the connectors suite.
"""
import statistics
import sys


def main(path, checks):
    samples = {}
    with open(path, encoding="utf-8") as lines:
        for name, wall in map(str.split, lines):
            samples.setdefault(name, []).append(float(wall))
    median = {name: statistics.median(values) for name, values in samples.items()}
    rate = {"ours": checks / median["suite"], "theirs": checks / median["replay"]}

    # figure, ours, theirs, ratio, what is required of it
    rows = [
        ("a: pgTAP, 20 files, -j2", seconds(median["suite"]), seconds(median["pgtap-20"]), median["pgtap-20"] / median["suite"], (">=", 5)),
        ("a: pgTAP, one file", seconds(median["suite"]), seconds(median["pgtap-1"]), median["pgtap-1"] / median["suite"], (">=", 3)),
        ("a: tried alone, 20 files", seconds(median["suite"]), seconds(median["pgtap-20-tried"]), median["pgtap-20-tried"] / median["suite"], None),
        ("a: tried alone, one file", seconds(median["suite"]), seconds(median["pgtap-1-tried"]), median["pgtap-1-tried"] / median["suite"], None),
        ("b: 200 assertions by psql", seconds(median["peers"]), seconds(median["floor"]), median["peers"] / median["floor"], ("<=", 1.5)),
        ("b: the same, loaded before", seconds(median["peers"]), seconds(median["floor-loaded"]), median["peers"] / median["floor-loaded"], None),
        ("c: replay by pgbench", f"{rate['ours']:.0f}/s", f"{rate['theirs']:.0f}/s", rate["ours"] / rate["theirs"], (">=", 0.6)),
    ]
    short = False
    print(f"{'figure':<28} {'ours':>9} {'theirs':>9} {'ratio':>6}  {'required':<9} verdict")
    for figure, ours, theirs, ratio, required in rows:
        fits = required is None or (ratio >= required[1] if required[0] == ">=" else ratio <= required[1])
        short |= not fits
        wanted = f"{required[0]} {required[1]}" if required else "-"
        print(f"{figure:<28} {ours:>9} {theirs:>9} {ratio:>6.2f}  {wanted:<9} {'ok' if fits else 'short'}")
    return short


def seconds(value):
    return f"{value:.3f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
