-- The manual's texts on the fields of a model, in the order of the man page, and on a few other words that users look
-- up. Forms of text, example and related: see field_texts.lua.
--
-- name     of the field or word
-- what     of a word: the words behind its name in the first line of its page
-- help     one line
-- value    the allowed values
-- required when the field must be given
-- example  of a field: as it stands in a model's table, or a function of the table `model`

local texts = {}

texts.fields = {
  {
    name = "parameters",
    help = "names of the parameters, in order",
    value = "a list of names, or of groups { name, n }",
    required = "unless ndim or priors says how many there are",
    text = [[
The names are the keys of `theta`, `bounds`, `priors` and the tables of a ball, and the columns of the chain.

`{ "beta", 3 }` is a group. It stands for the parameters beta[1], beta[2] and beta[3], and `theta.beta` is a list of
three numbers. In `bounds`, `periodic` and `priors` the name of the group stands for each member. A model that has only
`priors` has its parameters in the order of the alphabet.]],
    example = [[parameters = { "m", "b", { "beta", 3 } },]],
    related = { "ndim", "priors", "bounds" },
  },
  {
    name = "ndim",
    help = "number of parameters, if they have no names",
    value = "a whole number of at least 1",
    text = [[
The parameters are then called p1, p2, and so on, and the functions read them as `theta[1]`, `theta[2]`. Names are
better: they stand in messages, in the summary and in the store.]],
    example = [[ndim = 5,]],
    related = { "parameters" },
  },
  {
    name = "log_prob",
    help = "the log of the posterior density, up to a constant",
    value = "function log_prob(theta, data), or a C function",
    required = "unless the model has log_likelihood or log_prob_batch",
    text = [[
The function gets the parameters as `theta` and the run's `data`. `theta.m` and `theta[1]` are the same number; the
table is filled again for each evaluation. The function returns:

- a number, and after it the values of `blobs`
- `-math.huge` for a point that the model excludes: the proposal is rejected
- NaN: `on_nan` decides

Anything else is an error, and `on_error` decides. The value may depend on `theta`, `data` and `math.random` only. A C
function comes from `ensemble.cfunction` or, under LuaJIT, from `ffi`.]],
    example = [[
function model.log_prob(theta, data)
  local sum = 0
  for i = 1, #data.x do
    sum = sum - 0.5 * (data.y[i] - theta.m * data.x[i] - theta.b) ^ 2
  end
  return sum
end]],
    related = { "log_likelihood", "blobs", "on_nan", "on_error", "data" },
  },
  {
    name = "log_prior",
    help = "the log of the prior density, beside log_likelihood",
    value = "function log_prior(theta, data)",
    required = "with log_likelihood, unless the model has priors",
    text = [[
The model's log_prob is then `log_prior + log_likelihood`. If `log_prior` returns `-math.huge`, `log_likelihood` is not
called. Use `priors` if each parameter has a prior of its own; the walkers can then begin at draws from it.]],
    example = [[
function model.log_prior(theta)
  return theta.m > 0 and -0.5 * theta.b ^ 2 or -math.huge
end]],
    related = { "log_likelihood", "priors" },
  },
  {
    name = "log_likelihood",
    help = "the log of the likelihood of the data",
    value = "function log_likelihood(theta, data), or a C function",
    required = "with priors or log_prior",
    text = [[
The program adds `priors`, or the value of `log_prior`. Arguments and results are those of `log_prob`: the value, then
the blobs. The function is not called at points with a prior of zero.]],
    example = [[
function model.log_likelihood(theta, data)
  local expected = {}
  for i = 1, #data.x do
    expected[i] = theta.m * data.x[i] + theta.b
  end
  return ensemble.dist.normal_lpdf(data.y, expected, 0.5)
end]],
    related = { "priors", "log_prior", "log_prob" },
  },
  {
    name = "priors",
    help = "a prior for each parameter",
    value = "a table by name: { m = ensemble.prior.uniform(-5, 5), ... }",
    required = "with log_likelihood, unless the model has log_prior",
    text = [[
The program adds their log densities to `log_likelihood`. Without the field `start` of the run the walkers begin at
draws from the priors. Wide priors can leave a walker behind: start in a ball around a good point instead.

`ensemble.prior` has uniform, log_uniform, normal, truncated_normal, half_normal, gamma, beta and others. The reference
page docs/reference/priors.md lists them.]],
    example = [[
priors = {
  m = ensemble.prior.uniform(-5, 5),
  b = ensemble.prior.normal(0, 10),
},]],
    related = { "log_likelihood", "prior", "start", "ball" },
  },
  {
    name = "bounds",
    help = "limits of parameters",
    value = "a table by name: { low, high }; either may be nil",
    text = [[
A proposal outside is rejected without a call of the model. The limits themselves are allowed. Parameters without an
entry have no limits.]],
    example = [[bounds = { m = { -10, 10 }, b = { 0, nil } },]],
    related = { "priors", "periodic" },
  },
  {
    name = "periodic",
    help = "angles and other parameters on a circle",
    value = "a table by name: { low, high }",
    text = [[
The model and the chain get values from the first number up to, but not including, the second. Moves go round the
circle. A summary takes the values within half a period of their mean direction. A parameter cannot be in `bounds` and
in `periodic`.]],
    example = [[periodic = { b = { 0, 2 * math.pi } },]],
    related = { "bounds" },
  },
  {
    name = "blobs",
    help = "values that are stored with each evaluation",
    value = "a list of names, { name, n } for n numbers, or { name, \"string\", bytes }",
    text = [[
A blob is a value that the model computes on the way. `log_prob`, or `log_likelihood`, returns all blobs after its
value, in this order. `{ "flux", 5 }` is a list of five numbers, `{ "label", "string", 16 }` a text of at most 16 bytes.
`sampler:blobs()` reads them. They may be left out at a point that is `-math.huge`.]],
    example = [[
blobs = { "distance" },
log_prob = function(theta)
  local distance = math.abs(theta.m - theta.b)
  return -0.5 * (theta.m ^ 2 + theta.b ^ 2), distance
end,]],
    related = { "log_prob", "log_likelihood" },
  },
  {
    name = "setup",
    help = "prepares a worker",
    value = "function setup(data)",
    text = [[
Each worker calls the function once, before its first evaluation. Use it for work that the evaluations share: turn
arrays into plain tables, compute sums of the data, allocate. What it keeps in local variables of the model's file
belongs to that worker.]],
    example = [[
local x
function model.setup(data)
  x = data.x:totable()
end]],
    related = { "data", "workers", "log_prob" },
  },
  {
    name = "log_prob_batch",
    help = "log_prob of many points in one call",
    value = "function log_prob_batch(thetas, n, out, data)",
    required = "unless the model has log_prob or log_likelihood",
    text = [[
The function gets up to 64 points, `thetas[1]` to `thetas[n]`, and sets `out[i]`, and `out.NAME[i]` for each blob. It
gives all of log_prob, so the model has no `priors`. The points that come together depend on chance: `out[i]` may
depend on `thetas[i]` only, and random numbers are an error.]],
    example = [[
function model.log_prob_batch(thetas, n, out)
  for i = 1, n do
    out[i] = -0.5 * (thetas[i].m ^ 2 + thetas[i].b ^ 2)
  end
end]],
    related = { "log_prob", "eval_timeout" },
  },
}

texts.words = {
  {
    name = "ball",
    what = "a function of ensemble",
    help = "a start around a point",
    value = "ensemble.ball(center, spread)",
    text = [[
The walkers begin at draws from a normal distribution around the center. `spread` is its standard deviation. Both are
lists in the order of the parameters, or tables by name; the spread may also be one number for all parameters. A walker
that starts at log_prob -inf is drawn again, at most 100 times.

A ball much smaller than the posterior is fine: the walkers spread in a few steps. A ball that is too wide can leave a
walker behind.]],
    example = [[start = ensemble.ball({ m = 2, b = 1 }, { m = 0.1, b = 0.5 }),]],
    related = { "start", "priors" },
  },
  {
    name = "prior",
    what = "a table of ensemble",
    help = "priors for the field 'priors' of a model",
    value = "ensemble.prior.uniform(low, high), ensemble.prior.normal(mean, sd), ...",
    text = [[
Each function of `ensemble.prior` makes a prior for one parameter. The reference page docs/reference/priors.md lists
them all, with the densities of `ensemble.dist` for likelihoods.]],
    example = [[
priors = {
  m = ensemble.prior.uniform(-5, 5),
  b = ensemble.prior.normal(0, 10),
},]],
    related = { "priors", "log_likelihood" },
  },
  {
    name = "chain",
    what = "a method of a sampler",
    help = "the positions of the walkers",
    value = "sampler:chain { flat = true, discard = 500, thin = 10 }",
    text = [[
The result is an array `[step][walker][parameter]`, or `[draw][parameter]` if `flat` is true. `sampler:log_prob` and
`sampler:blobs` take the same table. The reference page docs/reference/sampler.md lists all methods.]],
    example = [[local draws = sampler:chain { flat = true, discard = 500 }]],
    related = { "output", "thin_by" },
  },
}

return texts
