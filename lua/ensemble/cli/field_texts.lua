-- The manual's texts on the fields of ensemble.run, one entry a field. Type, range, default and flag are not repeated
-- here: manual.lua takes them from the row of options.lua.
--
-- text     paragraphs with blank lines between; `code` in backquotes; lines that begin with "- " are a list
-- unit     of the number, if the row's type does not say it
-- fixed    true: a stored run is resumed only if this field is the same
-- rules    texts on the rules of `until`
-- own_move the text on mh, the move that is no row of the core
-- example  the field as it stands in the table of a run script
-- related  names of other fields and options

local texts = {}

texts.model = {
  text = [[
The model computes the log of the posterior density, up to a constant. Give one of three things:

- the path of a Lua file that returns a model table, like `models/line.lua`
- a model table, written in the run script
- `ensemble.native(path, ...)`, a model in a shared library

A path is tried beside the script, then as given, then among the installed models. (Paths of data files are relative
to the folder in which the program was started.) Each worker loads the model into a Lua state of its own. The functions
of an inline model are copied into each worker, together with the values that they capture.

The fields of a model table are `parameters`, `ndim`, `log_prob`, `log_prior`, `log_likelihood`, `priors`, `bounds`,
`periodic`, `blobs`, `setup` and `log_prob_batch`. `ensemble-lua help log_prob` explains one of them; the reference page
docs/reference/model.md has them all.]],
  fixed = true,
  example = [[
model = {
  parameters = { "m", "b" },
  log_prob = function(theta) return -0.5 * (theta.m ^ 2 + theta.b ^ 2) end,
},]],
  related = { "log_prob", "priors", "data", "start" },
}

texts.data = {
  text = [[
The table reaches the model's functions as their argument `data`. It may hold arrays, numbers, strings, booleans, and
tables of these.

Arrays come from `ensemble.read_csv`, `read_npy`, `read_npz`, `read_hdf5`, `read_fits` or `ensemble.array`. A path of
a file is relative to the folder in which the program was started, not to the script. Arrays are
read-only and exist once in the process; all workers read the same memory. Plain tables are copied once into each
worker. With MPI, the first rank sends the data to the other ranks.]],
  fixed = true,
  example = [[
data = {
  x = ensemble.array { 0, 1, 2 },
  y = ensemble.array { 1.1, 2.7, 5.2 },
},]],
  related = { "model" },
}

texts.walkers = {
  text = [[
The ensemble has this many walkers. If positions are given as `start`, their number is the default.

A run with fewer than 2 * ndim walkers is an error, because half of the walkers must span all directions. More walkers
keep more workers busy: about four walkers per worker leave hardly any worker idle. With twice as many walkers,
burn-in costs twice as many evaluations.]],
  fixed = true,
  example = [[walkers = 64,]],
  related = { "live_dangerously", "nsplits", "workers", "start" },
}

texts.nsplits = {
  text = [[
In each step the walkers are split into this many sets. The sets move one after the other, each against the walkers of
the other sets (the complement). Two sets, as in emcee, serve nearly every run. More sets give a larger complement,
and less that can be evaluated at the same time.]],
  fixed = true,
  example = [[nsplits = 3,]],
  related = { "randomize_split", "walkers" },
}

texts.randomize_split = {
  text = [[
If true, each step draws the members of the sets at random. If false, the sets are fixed: walker k belongs to set k
mod nsplits. Leave it on unless you compare with a program that has fixed sets.]],
  fixed = true,
  example = [[randomize_split = false,]],
  related = { "nsplits" },
}

texts.live_dangerously = {
  text = [[
Allows fewer than 2 * ndim walkers, down to ndim + 1. Moves that combine positions of the complement then explore a
subspace only, and the result can be wrong. It makes sense with moves that do not depend on other walkers, such as
`gaussian`.]],
  example = [[
live_dangerously = true,
walkers = 3,
moves = ensemble.moves.gaussian { cov = 0.1 },]],
  related = { "walkers", "moves" },
}

texts.steps = {
  text = [[
The chain has this many kept steps when the run is done. A run that is stored already is continued up to this number.
With `until`, it is the largest number of steps.

A step moves every walker once, so that `steps * thin_by * walkers` proposals are made. `sampler:run(n)` and the
command `resume --steps N` add steps to those that are there. A run that ended by its rules of `until` stays as it is
while they hold: to make it longer, give stricter rules, such as `min_steps = 10000`.]],
  unit = "kept steps",
  example = [[steps = 5000,]],
  related = { "until", "thin_by", "walkers", "tune" },
}

texts.thin_by = {
  text = [[
Keeps every n-th step, as emcee's `thin_by` does: `steps * thin_by` steps are made, and `steps` are kept. Use it if a
long chain would fill the disk or the memory. Thinning saves space only; it does not make the chain more accurate.]],
  unit = "steps",
  fixed = true,
  example = [[thin_by = 10,]],
  related = { "steps" },
}

texts.start = {
  text = [[
The walkers begin at these positions:

- `ensemble.ball(center, spread)`: a normal distribution around a point. Both are lists in the order of the
  parameters, or tables by name; the spread may also be one number.
- `"prior"`: draws from the model's `priors`
- positions `[walker][parameter]`, as nested tables or as an array
- a state, such as `sampler:last()`
- the path of a store: its last step

A walker of a ball or a prior that starts at log_prob -inf is drawn again, at most 100 times. Given positions stay as
they are, and a warning lists the walkers that start at -inf. A resumed run continues from its last step and ignores
this field.]],
  example = [[start = ensemble.ball({ m = -1, b = 4.5 }, { m = 0.1, b = 1 }),]],
  related = { "ball", "priors", "walkers", "model", "tune" },
}

texts.moves = {
  text = [[
Moves propose new positions. In each step all walkers make the same move, which is drawn by the weights. Give one
move, a list of moves, a list of `{ move, weight }`, or `"emcee"` for emcee's default, `stretch` with a = 2.

On Gaussians of 2 to 50 dimensions the default needs a third to a sixth of the evaluations of `stretch` per
independent sample. Fewer than six walkers get `de` alone, fewer than four get `stretch`.]],
  own_move = "a proposal function of the script's own",
  fixed = true,
  example = [[
moves = {
  { ensemble.moves.de {}, 0.8 },
  { ensemble.moves.snooker {}, 0.2 },
},]],
  related = { "tune", "walkers" },
}

texts.tune = {
  text = [[
Before the chain begins, the moves adapt their scales during this many steps. The scales are then fixed and stored, so
that the chain is exact. These steps are not part of the chain; they also take the walkers through some or all of the
burn-in.

`de`, `walk` and `gaussian` aim at an acceptance fraction of 0.25. Moves along a line (`side`, `snooker`, `stretch`,
and `gaussian` along an axis) aim at 0.44. `slice` aims at as many expansions as contractions of its interval.]],
  unit = "steps",
  fixed = true,
  example = [[tune = 500,]],
  related = { "moves", "steps" },
}

texts.workers = {
  text = [[
Evaluations run in this many threads, each with a Lua state of its own. The default respects the CPU affinity and the
cgroup limit of the process. With MPI, the number is that of each rank.

The chain does not depend on it. If evaluations take less than some ten microseconds, the sampler finds that one
thread is as fast and evaluates on its own thread, so that the default fits cheap models, too. More workers than CPUs
help only if the model waits (for a disk, or for another program).]],
  example = [[workers = 2,]],
  related = { "walkers", "blas_threads", "rank_timeout" },
}

texts.seed = {
  text = [[
All random numbers of a run are computed from the seed, the step, the walker and their purpose. For one seed, one
configuration and one engine the chain is the same to the last bit, for any number of workers, ranks and
interruptions.

Without a seed one is drawn from the system, printed and stored. A resumed run without a seed keeps the stored one.
Write a seed above 2^53 in quotes, since a number in Lua may not hold it exactly.]],
  fixed = true,
  example = [[seed = 42,]],
  related = { "resume" },
}

texts.output = {
  text = [[
Every kept step is written to this file, a SQLite database. A run that is stopped can then be resumed, and other
programs can read the chain during the run. Without an output a run that is stopped is lost.

The path is relative to the folder in which the program was started. Two samplers of one script need two files.]],
  example = [[output = "line.db",]],
  related = { "resume", "commit_every", "journal" },
}

texts.resume = {
  text = [[
If the output exists already:

- `auto`: continue it if model, data, parameters, blobs, walkers, moves, `thin_by` and seed are the same; otherwise
  stop with a list of the differences
- `never`: stop with an error
- `must`: continue it; it is an error if there is no output to continue
- `force`: continue it even if seed, moves, model or data differ. The store's log keeps the differences. The chain is
  then no longer the chain of one run.]],
  example = [[
output = "fresh.db",
resume = "never",]],
  related = { "output", "seed", "steps" },
}

texts["until"] = {
  text = [[
The run ends as soon as all given rules hold for every parameter. In Lua, write the field as `["until"]`, because
`until` is a word of the language.

The rules are checked at fixed steps (128, 132, 136, ..., each 1/32 of the power of two below apart), so that the
chain ends at the same step for any number of workers. If the run reaches `max_steps` or `steps` first, the last line
on stderr names the rules that do not hold and estimates the steps that they still need, and the exit status is 3. The
same command with more steps continues the run. A run that ended by its rules becomes longer only with stricter rules.

The rules use estimates of the monitor, which follows the chain during the run. The table of the summary reads the whole
chain at the end. The two tau, and the steps that they discard, can differ if a walker arrives late or is stuck. A
walker that does not move at all leaves tau unknown, and the rules wait.]],
  rules = {
    tau = "The chain after discard is at least this many autocorrelation times long. 50 is the usual choice.",
    mcse = "The standard error of the mean is at most this fraction of the parameter's standard deviation; 0.05 means "
      .. "an effective sample size of 400.",
    ess = "The effective sample size is at least this number.",
    change = "The estimate of tau changed by at most this fraction since the check before.",
    min_steps = "No rule ends the run before this many steps.",
    max_steps = "The run ends after this many steps, even if a rule does not hold.",
  },
  example = [[["until"] = { tau = 50, mcse = 0.05, max_steps = 100000 },]],
  related = { "steps" },
}

texts.time_limit = {
  text = [[
After this time the run saves every step that is done and ends with exit status 75. The same command resumes it. The
time counts from the start of the process. In a batch job, choose a limit some minutes below the job's, and submit the
job again while the status is 75.]],
  example = [[time_limit = "2h30m",]],
  related = { "output", "commit_every" },
}

texts.on_error = {
  text = [[
- `stop`: the run ends with exit status 1 and a message with file, line, step, walker and parameters
- `reject`: the proposal is rejected (log_prob -inf) and the error is counted. The run stops at none of them, unless
  `max_errors` sets a limit.

An error is a Lua error, a native function that reports one, a result that is no number, or an evaluation beyond
`eval_timeout`. At the start, a walker that was drawn is drawn again.]],
  example = [[
on_error = "reject",
max_errors = 100,]],
  related = { "on_nan", "max_errors", "eval_timeout" },
}

texts.on_nan = {
  text = [[
- `stop`: the run ends with exit status 1 and a message with step, walker and parameters
- `reject`: the proposal is rejected (log_prob -inf) and the NaN is counted. The run stops at none of them, unless
  `max_errors` sets a limit.

A NaN usually shows a mistake in the model, such as the log of a negative number. Return `-math.huge` for points that
the model excludes.]],
  example = [[on_nan = "reject",]],
  related = { "on_error", "max_errors" },
}

texts.max_errors = {
  text = [[
If `on_error` or `on_nan` is `"reject"`, the run stops at the first error beyond this number. Errors and NaNs are
counted together. Without this field, `"reject"` alone never stops a run, even if the model fails at every proposal.]],
  unit = "errors and NaNs",
  example = [[
on_error = "reject",
max_errors = 20,]],
  related = { "on_error", "on_nan" },
}

texts.eval_timeout = {
  text = [[
An evaluation that takes longer is reported with its walker and parameters, interrupted, and treated as an error:
`on_error` decides. Without this field an evaluation is only reported, once it takes more than 60 s and more than 20
times the usual time.

A C function, and Lua code that LuaJIT has compiled, cannot be interrupted. The program then saves all steps that are
done and ends with exit status 1. For `log_prob_batch` the limit holds for the whole call.]],
  example = [[eval_timeout = "5m",]],
  related = { "on_error", "time_limit" },
}

texts.rank_timeout = {
  text = [[
A rank that has work and sends nothing for this long counts as lost. The run then ends with all steps that are done
saved, and with exit status 1. Raise it if the network or the nodes pause for longer. Without MPI the field has no
effect.]],
  example = [[rank_timeout = "2m",]],
  related = { "workers", "eval_timeout" },
}

texts.commit_every = {
  text = [[
Steps are committed to the store at least this often. After a crash or `kill -9` the run loses at most about this much
time. 0 commits as often as the disk can. Signals and the time limit never lose a step.]],
  example = [[commit_every = 10,]],
  related = { "output", "journal" },
}

texts.progress = {
  text = [[
- `auto`: a bar on a terminal, lines otherwise
- `bar`: one line on stderr that is drawn anew at most ten times per second
- `plain`: a line after 1, 2, 5 and 10 s, then every 30 s, and at the end
- `json`: one JSON object per line, as often as `plain`, with `step`, `steps`, `rate`, `acceptance`, `tau`,
  `n_over_tau`, `eta_s` and `elapsed_s`, and with `until` also `until`, the rules that do not hold yet
- `none`: no progress

Lines and JSON show steps, speed, acceptance fraction and, once it can be estimated, tau of the slowest parameter. A bar
shows the parts that the terminal's width has room for. With `until` the bar and lines show the rules that do not hold
yet: `until N/tau 26.7 -> 50` means that the chain after discard is 26.7 tau long and must become 50.]],
  example = [[progress = "plain",]],
  related = { "quiet" },
}

texts.journal = {
  text = [[
- `auto`: `wal` if the file system is known to be local, otherwise `delete`
- `wal`: SQLite's write-ahead log; readers and the writer never wait for each other. During the run, two files lie
  beside the store (`-wal` and `-shm`).
- `delete`: a rollback journal, for network file systems. A reader and a commit then wait for each other, but no step
  is lost and sampling continues.]],
  example = [[journal = "delete",]],
  related = { "output", "commit_every" },
}

texts.quiet = {
  text = [[
Leaves out the progress, the closing line, the drawn seed and the summary that the program shows if the script does
not ask for one. Warnings and errors are still printed on stderr.]],
  example = [[quiet = true,]],
  related = { "progress" },
}

return texts
