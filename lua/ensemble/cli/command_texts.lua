-- The manual's texts on the program: commands, options that are no field of ensemble.run, exit statuses, signals, the
-- environment and files. Forms of text, example and related: see field_texts.lua.

local texts = {}

texts.revised = "2026-12-01" -- the date of the man page

-- Where readers find the pages.
texts.place = "Tutorial, how-to pages and reference: `PREFIX/share/doc/ensemble-lua/docs` if the program is installed, "
  .. "`docs/` in the source."

texts.introduction = {
  text = [[
`ensemble-lua` draws samples from a posterior distribution with an affine-invariant ensemble of walkers (Goodman and
Weare 2010). A Lua script describes the run: the model, the data, and how to sample. The program evaluates the model
on all cores, can store every step in one SQLite file, and resumes a run that was stopped. For one seed the chain is
the same for any number of workers.

Without a script the program reads a prompt on a terminal, and standard input otherwise. Words after the script are
its arguments: it finds them in `arg` and in `...`, as with `lua`. Options of a run stand before the script and
override its fields. Results go to standard output, everything else to standard error. A word counts as a command only
if no file has that name.]],
}

texts.commands = {
  check = {
    text = [[
Runs the script up to its first `ensemble.run` or `ensemble.sampler` and tries the model there. The model is set up as
in a worker. It is evaluated at positions where the walkers would start and where their first steps would go, then at
all of them again, and once more in a second state. Nothing is sampled; no store is made or changed.

The report gives the time of an evaluation, the evaluations that fail or give -inf, the cost of setup, the globals
that the model writes, the number of workers and walkers that fit, and the expected time of the run. It also says if
equal positions give different answers. Each warning comes with a remedy. An evaluation may take as long as
`eval_timeout`, or 60 s without it.

`--steps`, `--workers` and `--seed` override the script's fields. Words after the script are its arguments.

With `--move` the script returns a move, a mixture of moves, or `{ move, ndim = 2, walkers = 6, replicates = 100000
}`. Walkers are drawn exactly from a known target and moved; then they must still be draws from that target. Means,
products, and the relation between walkers are compared with the truth.]],
    exit = {
      { 0, "the model, or the move, passed" },
      { 1, "the model fails, is -inf everywhere, answers differently or does not end; or the move is wrong" },
      { 2, "usage or configuration" },
    },
    example = "ensemble-lua check --workers 2 line.lua",
    related = { "summary", "eval_timeout" },
  },
  info = {
    text = [[
Prints the status, steps, parameters, seed, acceptance fraction, evaluations and errors of a run, the acceptance of
each move, the timing of the last session, how busy each worker (with MPI, each rank) was, and warnings. It works
during the run, and never disturbs it.]],
    exit = { { 0, "done" }, { 1, "the store cannot be read" }, { 2, "usage, or the file is no store" } },
    example = "ensemble-lua info --json line.db",
    related = { "summary", "resume" },
  },
  summary = {
    text = [[
Prints a table with the mean, standard deviation and quantiles of each parameter, its integrated autocorrelation time
tau in steps, and its effective sample size ESS. The standard error of a mean is sd / sqrt(ESS). Below the table,
warnings name problems and their remedies in whole sentences.

By default the first steps are discarded automatically: until the last walker has arrived where the second half of the
chain is, and then five times the longest tau, at most half of the chain in all. `--json` adds more quantiles,
`ess_bulk`, `ess_tail` and `mcse_mean`.]],
    exit = { { 0, "done" }, { 1, "the store cannot be read" }, { 2, "usage, or the file is no store" } },
    example = "ensemble-lua summary --discard 500 line.db",
    related = { "info", "discard", "thin" },
  },
  resume = {
    text = [[
The store holds the script, its arguments, the text of the model and of the modules that they required, and the
folder. The script is run again as it was, in its folder and with its arguments, up to the steps that it asked for;
`--steps N` adds N steps to them. A run that ended by its rules of `until` stays as it is while they hold. To make it
longer, write stricter rules into the script, such as `min_steps = 10000`, and run the script.

If the script, the model or a module is gone or has changed, the text in the store is used, and a line says so. Data
files are read again; a run with other data is not resumed. A run of `-e` code or of the prompt has no script; resume
it by the same command that began it.]],
    exit = {
      { 0, "the run has all its steps" },
      { 1, "the script or the model failed" },
      { 2, "usage or configuration, or the file is no store" },
      { 3, "the run ended before the rules of its field `until` held" },
      { 75, "stopped by a signal or the time limit, with every step saved" },
    },
    example = "ensemble-lua resume line.db --steps 2000",
    related = { "info", "steps", "output" },
  },
  help = {
    text = [[
Without a word it lists the commands, options and fields. With one it prints a page on that command, on a field of
`ensemble.run` or of a model, or on an option, with or without its dashes. The words `ball`, `prior` and `chain` have
pages, too.]],
    exit = { { 0, "done" }, { 2, "there is no page of that name" } },
    example = "ensemble-lua help walkers",
    related = {},
  },
}

-- Options of the program or of a command, by the field of their row.
texts.options = {
  blas_threads = {
    text = [[
A library such as OpenBLAS, MKL or an OpenMP runtime inside a model starts threads of its own. By default it uses one
thread in each worker, since the workers already use all CPUs. Give another number if few workers evaluate a model
that is large inside.]],
    example = "ensemble-lua --workers 2 --blas-threads 4 run.lua",
    related = { "workers" },
  },
  engine = {
    text = [[
`ensemble-lua` has Lua 5.4, `ensemble-luajit` has LuaJIT. With this option either program hands over to the other one,
which must lie in the same folder.]],
    example = "ensemble-lua --engine luajit run.lua",
    related = {},
  },
  no_mpi = {
    text = [[
A program that `mpiexec` or `srun` started several times joins the other processes of the job as ranks of one run.
With this option each process runs the script for itself, with its own output.]],
    example = "mpiexec -n 2 ensemble-lua --no-mpi run.lua",
    related = { "rank_timeout" },
  },
  discard = {
    text = [[
The summary leaves out these first steps as burn-in. `auto` chooses a number, and the first line of the summary says
which.]],
    unit = "steps",
    example = "ensemble-lua summary --discard 1000 line.db",
    related = { "summary", "thin" },
  },
  thin = {
    text = [[
The summary uses every N-th step only. It saves time on very long chains; quantiles become less accurate.]],
    unit = "steps",
    example = "ensemble-lua summary --thin 10 line.db",
    related = { "summary", "discard" },
  },
  json = {
    text = [[
Prints one JSON object on standard output instead of text. The reference page docs/reference/store.md lists its keys.
Values that are not known are null.]],
    example = "ensemble-lua summary --json line.db",
    related = { "info", "summary", "check" },
  },
  move = {
    text = [[
Tests a move instead of a model: the script returns it, and `check` measures whether it keeps a known distribution.
Use it for every proposal function of your own (`ensemble.moves.mh`).]],
    example = "ensemble-lua check --move my_move.lua",
    related = { "check", "moves" },
  },
  interactive = {
    text = [[
Reads a prompt after the script or the code has run, as `lua -i` does.]],
    example = "ensemble-lua -i run.lua",
    related = { "execute" },
  },
  execute = {
    text = [[
Runs a piece of Lua code, as `lua -e` does. The option may be repeated; `-e` and `-l` act in the order given.]],
    example = "ensemble-lua -e 'print(require(\"ensemble\").prior)'",
    related = { "library" },
  },
  library = {
    text = [[
Requires a module and assigns it to a global variable of the same name, as `lua -l` does. `-l name=module` gives the
variable another name.]],
    example = "ensemble-lua -l ensemble -e 'print(ensemble.version)'",
    related = { "execute" },
  },
  version = {
    text = [[
Prints the program's name, its version and the engine.]],
    example = "ensemble-lua --version",
    related = { "engine" },
  },
  help = {
    text = [[
Prints the program's options, or the page of a command.]],
    example = "ensemble-lua resume --help",
    related = {},
  },
}

texts.exit = {
  { 0, "done" },
  { 1, "the script or the model failed, a data file could not be read, or the output could not be written" },
  { 2, "usage or configuration: the command line, a field, the form of the model, a script or store that is missing" },
  { 3, "the run reached its last step before the rules of its field `until` held" },
  { 75, "stopped by a signal or the time limit with every step saved; the same command resumes the run" },
  { 130, "a second Ctrl-C ended the program at once, with the steps that were committed" },
}

texts.signals = {
  { "SIGINT, SIGTERM, SIGHUP, SIGUSR1",
    "end the run after the steps that are done: they are saved, and the exit status is 75. A second SIGINT, at least "
      .. "0.2 s after the first, ends the program at once." },
  { "SIGUSR2", "prints a status report on stderr: steps, speed, saved steps, and how busy each worker is." },
}

texts.environment = {
  { "ENSEMBLE_LAPACK",
    "Linear algebra of models by LAPACK instead of the program's own code. `1` takes the installed `liblapack.so.3` or "
      .. "`libopenblas.so.0`; any other value is the path of the library. A library that cannot be loaded is an "
      .. "error." },
  { "ENSEMBLE_JOIN_TIMEOUT",
    "With MPI: seconds that ranks wait for each other at the start, from 1 to 86400. Without it, 300." },
  { "LUA_PATH, LUA_CPATH", "Where `require` looks for modules, as with `lua`, after the folder of the script." },
  { "OMP_NUM_THREADS, OPENBLAS_NUM_THREADS, MKL_NUM_THREADS",
    "The program sets these and the variables of other such libraries to the number of `--blas-threads`; the caller's "
      .. "values do not count." },
  { "SLURM_JOB_ID", "The job's number, which is kept in the store's table `session`." },
  { "TERM", "If it is `dumb`, `progress` counts standard error as no terminal." },
}

texts.files = {
  { "RUN.db", "a store, the run's `output`: one SQLite 3 file" },
  { "RUN.db-wal, RUN.db-shm", "lie beside the store during the run; part of it until the run has ended" },
  { "PREFIX/share/ensemble-lua/models", "models that are installed with the program" },
  { "PREFIX/lib/ensemble-lua", "plugins for Open MPI and MPICH" },
  { "PREFIX/include/ensemble_model.h", "the interface of models in C" },
}

texts.examples = {
  { "Run a script, with another seed and a store:", "ensemble-lua --seed 7 --output line.db line.lua" },
  { "Look the model over before a long run:", "ensemble-lua check line.lua" },
  { "Print means, quantiles and autocorrelation times of a stored run:", "ensemble-lua summary line.db" },
  { "Resume a run that was stopped, and add 2000 steps:", "ensemble-lua resume line.db --steps 2000" },
  { "Run on four ranks with eight workers each:", "mpiexec -n 4 --map-by slot:PE=8 ensemble-lua run.lua" },
  { "Explain a field of the run script:", "ensemble-lua help walkers" },
}

return texts
