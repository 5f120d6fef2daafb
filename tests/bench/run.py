"""Runs the benchmark cases: several rounds, medians, a table on stdout, everything as JSON.

  run.py [--programs "P..."] [--tools DIR] [--json FILE] [--rounds N] [--quick] [CASE...]

A case is a file in cases/ with: TITLE; optionally ROUNDS, the most rounds; `measure(bench)`, which yields
(row, {column: number}) for one round; optionally `compare(medians)`, which yields (row, {column: number}) from
{row: {column: median}}; optionally RANGES, columns whose least and greatest values are shown beside the median.
All cases take about 26 minutes with five rounds; each states the time of its round.
Cases know how to run a program (measure.py); this file knows rounds, medians and tables.
"""
import argparse
import importlib
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import measure

HERE = Path(__file__).resolve().parent


def case_names():
    return sorted(path.stem for path in (HERE / "cases").glob("*.py"))


def arguments():
    parser = argparse.ArgumentParser(description="Benchmarks of ensemble-lua beside emcee.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(case_names())} (default: all)")
    parser.add_argument("--programs", default="build/ensemble-lua build/ensemble-luajit", help="ours, by path")
    parser.add_argument("--tools", default="build/bench", help="folder of the loops and models in C")
    parser.add_argument("--json", metavar="FILE", help="write every number there")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each case (default 5)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the steps: tries the harness, measures nothing")
    options = parser.parse_args()
    unknown = [name for name in options.cases if name not in case_names()]
    if unknown:
        parser.error(f"no case '{unknown[0]}': {', '.join(case_names())}")
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    return options


def collect(case, bench, rounds):
    """{row: {column: [value of each round]}}, rows in the order of the first round."""
    table = {}
    for number in range(rounds):
        if sys.stderr.isatty():
            print(f"  round {number + 1} of {rounds}", end="\r", file=sys.stderr, flush=True)
        for row, values in case.measure(bench):
            columns = table.setdefault(row, {})
            for column, value in values.items():
                columns.setdefault(column, []).append(value)
    return table


def medians(table):
    return {row: {column: statistics.median(values) for column, values in columns.items()}
            for row, columns in table.items()}


def ranges(table, columns):
    """{row: {"column from .. to": text}} for those columns that a row has."""
    return {row: {f"{column} from .. to": f"{text(min(values[column]))} .. {text(max(values[column]))}"
                  for column in columns if column in values} for row, values in table.items()}


def text(value):
    return value if isinstance(value, str) else "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def print_table(title, rows):
    print(f"\n{title}")
    if not rows:
        return
    columns = list(dict.fromkeys(column for values in rows.values() for column in values))
    lines = [[row, *(text(values.get(column)) for column in columns)] for row, values in rows.items()]
    widths = [max(len(line[i]) for line in [["", *columns], *lines]) for i in range(len(columns) + 1)]
    for line in [["", *columns], *lines]:
        print("  " + line[0].ljust(widths[0]) + "".join("  " + c.rjust(w) for c, w in zip(line[1:], widths[1:])))


def run_case(name, bench, rounds):
    case = importlib.import_module(f"cases.{name}")
    rounds = min(rounds, getattr(case, "ROUNDS", rounds))
    begun = time.monotonic()
    table = collect(case, bench, rounds)
    seconds = time.monotonic() - begun
    rows = medians(table)
    compared = dict(case.compare(rows)) if hasattr(case, "compare") else {}
    for row, values in compared.items():
        rows.setdefault(row, {}).update(values)
    for row, values in ranges(table, getattr(case, "RANGES", ())).items():
        rows[row].update(values)
    count = max((len(values) for columns in table.values() for values in columns.values()), default=0)
    print_table(f"{case.TITLE}; median of {count}, {seconds:.0f} s", rows)
    for note in bench.take_notes():
        print(f"  note: {note}")
    return {"title": case.TITLE, "rounds": rounds, "seconds": seconds, "median": rows, "all": table}


def main():
    options = arguments()
    sys.path.insert(0, str(HERE))
    results = {"machine": platform.platform(), "cpus": len(os.sched_getaffinity(0)), "quick": options.quick, "cases": {}}
    with measure.Bench(options.programs.split(), options.tools, options.quick) as bench:
        for name in options.cases or case_names():
            results["cases"][name] = run_case(name, bench, options.rounds)
    if options.json:
        Path(options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except measure.Failure as failure:
        sys.exit(f"run.py: {failure}")
