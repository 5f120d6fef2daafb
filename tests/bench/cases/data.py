"""The same with 8 MB of data as the model's argument: what carrying data to the workers costs."""
TITLE = "data: as busy, 2 workers, with and without 5000 x 200 numbers as the model's argument"
STEPS = 100


def measure(bench):
    for name, program in bench.built():
        for label, script in (("without", "busy.lua"), ("with", "data.lua")):
            yield f"{name} {label}", {"wall s": bench.ours(program, script, STEPS, 2)["info"]["timing"]["wall_s"]}
    for label, data in (("without", False), ("with", True)):
        timing = bench.emcee("busy", STEPS, workers=2, data=data)
        if timing:
            yield f"emcee {label}", {"wall s": timing["wall_s"]}


def compare(medians):
    for name, values in medians.items():
        without = medians.get(name.replace(" with", " without"))
        if name.endswith(" with") and without:
            yield name, {"ratio": values["wall s"] / without["wall s"]}
