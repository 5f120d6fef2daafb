"""The number of workers that one sampling rank keeps busy: the real schedule, simulated workers, four walkers for each.

LETTER is the first rank's time to send a block and receive its answer. A round takes 40 s.
"""
TITLE = "scale: simulated workers, part of the time that they are busy, by the time of an evaluation"
LETTER, UPDATES = 10e-6, 200000
SECONDS = {"1 ms": 0.001, "10 ms": 0.01, "100 ms": 0.1, "1 s": 1}


def measure(bench):
    for workers in (10, 100, 1000, 10000):
        columns = {}
        for name, seconds in SECONDS.items():
            result = bench.loop("rank_loop", workers, seconds, LETTER, bench.steps(UPDATES))
            if result:
                columns[name] = result["efficiency"]
                columns["updates/s"] = max(columns.get("updates/s", 0), result["updates_per_s"])
        yield f"{workers} workers", columns
