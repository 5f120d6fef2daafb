-- The summary's table and the closing line of a run, made from numbers, without the program.
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local account = require "ensemble.api.account"
local summary = require "ensemble.api.summary"

local NAN = 0 / 0
local unpack = table.unpack or unpack

local function parameter(fields)
  local row = { name = "m", mean = 2.2377, sd = 0.1068, q05 = 2.06, q16 = 2.1319, q50 = 2.2401, q84 = 2.3430,
    q95 = 2.41, tau = 31.04, ess = 1394.2, ess_bulk = 1300, ess_tail = 1200, mcse_mean = 0.00286, rhat = NAN }
  for key, value in pairs(fields or {}) do row[key] = value end
  return row
end

local function made(rows, warnings)
  return { steps = 5000, discard = 200, thin = 1, converged = true, log_prob = { max = -1, mean = -2.5 },
    acceptance_fraction = { mean = 0.71, min = 0.65, max = 0.76 }, parameters = rows, warnings = warnings or {} }
end

-- Cells of the only parameter's row, split at gaps of two or more spaces.
local function cells(fields)
  local text = summary.text(made { parameter(fields) })
  local line, out = text:match("\n[^\n]+\n(.*)$"), {}
  for cell in (line .. "  "):gmatch("(.-)%s%s+") do out[#out + 1] = cell end
  return out
end

describe("the summary's table", function()
  it("has a headline, columns, a row per parameter, and the warnings last", function()
    local s = made({ parameter(), parameter { name = "intercept" } }, { "one.", "two." })
    assert.equal(table.concat({
      "5000 steps, the first 200 left out; acceptance fraction 0.710 (0.650 to 0.760 over walkers)",
      "parameter   mean     sd   16 %   50 %   84 %   tau   ESS",
      "m          2.238  0.107  2.132  2.240  2.343  31.0  1394",
      "intercept  2.238  0.107  2.132  2.240  2.343  31.0  1394",
      "warning: one.",
      "warning: two.",
    }, "\n"), summary.text(s))
  end)

  it("shows the digits that the mean's standard error supports", function()
    assert.equal("2.238", cells()[2])
    assert.equal("2.24", cells({ mcse_mean = 0.05 })[2]) -- at least two digits of the sd
    assert.equal("2.2377", cells({ mcse_mean = 0.0003 })[2])
    assert.same({ "m", "34", "18" }, { unpack(cells { mean = 34.12, sd = 18.2, mcse_mean = 2 }, 1, 3) })
    assert.same({ "m", "34.1", "18.2" }, { unpack(cells { mean = 34.12, sd = 18.2, mcse_mean = 0.6 }, 1, 3) })
    assert.equal("123457", cells({ mean = 123456.7, sd = 900, mcse_mean = 30 })[2])
  end)

  it("writes an exponent if plain decimals would be too long", function()
    assert.equal("1.23457e+12", cells({ mean = 1234567890123, sd = 5e10, mcse_mean = 1e9 })[2])
    assert.equal("1.5e-12", cells({ mean = 1.5e-12, sd = 1e-13, mcse_mean = 1e-14 })[2])
    assert.equal("7", cells({ mean = 7, sd = 0, mcse_mean = NAN })[2])
  end)

  it("does not write a negative zero", function()
    assert.equal("0.000", cells({ mean = -0.0001 })[2])
    assert.equal("-0.001", cells({ mean = -0.0011 })[2])
  end)

  it("writes '-' for unknown values", function()
    assert.same({ "m", "2.24", "0.11", "2.13", "2.24", "2.34", "-", "-" },
      cells { tau = NAN, ess = NAN, mcse_mean = NAN })
    local row = cells { mean = NAN, sd = NAN, q16 = NAN, q50 = math.huge }
    assert.same({ "-", "-", "-", "-" }, { unpack(row, 2, 5) })
  end)

  it("aligns names by characters, not by bytes", function()
    local text = summary.text(made { parameter { name = "\206\177\206\178" }, parameter { name = "ab" } })
    local _, _, greek, latin = text:find("\n[^\n]+\n([^\n]+)\n([^\n]+)$")
    assert.equal(latin:sub(3), greek:sub(5))
  end)

  it("mentions thinning and a single step, and leaves out unknown values", function()
    local s = made { parameter() }
    s.thin, s.discard = 15, 0
    assert.truthy(summary.text(s):find("^5000 steps, 1 in 15 used; acceptance"))
    s.steps, s.thin, s.acceptance_fraction = 1, 1, { mean = NAN, min = NAN, max = NAN }
    assert.equal("1 step", summary.text(s):match("^[^\n]+"))
  end)

  it("is the text of the summary object, which has parameters by name", function()
    local s = summary.object(made { parameter(), parameter { name = "b" } })
    assert.equal(summary.text(s), tostring(s))
    assert.equal(s.parameters[2], s.parameters.b)
    assert.is_nil(s.parameters.zz)
    assert.equal(2, #s.parameters)
  end)

  it("has its JSON in the reference page's order, with null for unknown values", function()
    assert.equal('{"steps":5000,"discard":200,"thin":1,"converged":true,'
      .. '"acceptance_fraction":{"mean":0.71,"min":0.65,"max":0.76},"log_prob":{"max":-1,"mean":-2.5},"parameters":['
      .. '{"name":"m","mean":2.2377,"sd":0.1068,"q05":2.06,"q16":2.1319,"q50":2.2401,"q84":2.343,"q95":2.41,'
      .. '"tau":31.04,"ess":1394.2,"ess_bulk":1300,"ess_tail":1200,"mcse_mean":0.00286,"rhat":null}],"warnings":["w"]}',
      summary.json(summary.object(made({ parameter() }, { "w" }))))
  end)
end)

describe("the closing line", function()
  local function info(fields)
    local figures = { steps = 5000, walkers = 32, acceptance_fraction = 0.5524, evaluations = 320064, errors = 0,
      nans = 0, timing = { wall_s = 12.34, model_s = 24, workers = 2, ranks = 1, efficiency = 0.9724 },
      per_worker = { { rank = 0, worker = 1, evaluations = 80000, busy_s = 12 },
        { rank = 0, worker = 2, evaluations = 80032, busy_s = 12 } } }
    for key, value in pairs(fields or {}) do figures[key] = value end
    return figures
  end

  it("reports steps, this session's speed, and the next command", function()
    assert.equal("5000 steps of 32 walkers in 12.3 s, 13000 evaluations/s; acceptance 0.552; "
      .. "2 workers 97 % of the time in the model; stored in line.db (next: ensemble-lua summary line.db)",
      account.line(info(), "line.db", "ensemble-lua"))
  end)

  it("warns that nothing is kept without a store, and quotes paths for the shell", function()
    assert.truthy(account.line(info(), nil, "p"):find("in memory only (output = 'run.db' keeps it)", 1, true))
    assert.truthy(account.line(info(), "my run's.db", "p"):find([[p summary 'my run'\''s.db')]], 1, true))
  end)

  it("counts rejected evaluations, and leaves out unknown values", function()
    assert.truthy(account.line(info { errors = 1, nans = 3 }, nil, "p"):find("; rejected 1 error and 3 NaN;", 1, true))
    assert.equal("1 step of 4 walkers; in memory only (output = 'run.db' keeps it)",
      account.line({ steps = 1, walkers = 4, acceptance_fraction = NAN, timing = { wall_s = NAN } }, nil, "p"))
  end)

  it("explains that a cheap model used one thread on purpose", function()
    local one = info { evaluations = 100000, timing = { wall_s = 0.1, model_s = 0.04, workers = 2, ranks = 1,
      efficiency = 0.2 }, per_worker = { { rank = 0, worker = 1, evaluations = 99000, busy_s = 0.0396 },
      { rank = 0, worker = 2, evaluations = 1000, busy_s = 0.0004 } } }
    assert.truthy(account.line(one, nil, "p"):find(
      "; 1 of 2 workers used (0.4 us per evaluation: a hand-over would gain nothing);", 1, true))
    assert.is_nil(account.idle(one))
  end)

  it("warns of too few walkers for the workers, and says how many would do", function()
    local idle = info { evaluations = 3200, timing = { wall_s = 1.6, model_s = 20, workers = 16, ranks = 1,
      efficiency = 0.78 }, per_worker = {} }
    assert.equal("workers idled for lack of walkers: 32 walkers are few for 16 workers; 64 would keep them busy",
      account.idle(idle))
    idle.walkers = 64
    assert.is_nil(account.idle(idle))
    assert.is_nil(account.idle(info()))
  end)

  it("writes readable durations and rates", function()
    for seconds, text in pairs { [0.01234] = "0.0123 s", [12.34] = "12.3 s", [59.97] = "1 min 00 s",
      [123] = "2 min 03 s", [3599.6] = "1 h 00 min", [3725] = "1 h 02 min", [360000] = "4 days 04 h" } do
      assert.equal(text, account.duration(seconds))
    end
    assert.equal("1230000", account.rate(1234567))
    assert.equal("100", account.rate(99.99))
    assert.equal("12.3", account.rate(12.345))
  end)

  it("says how to resume a stopped run", function()
    local function stop(steps, tuned, output)
      return account.stop({ steps = steps, tuned = tuned }, { steps = 10, tuned = 20 }, output)
    end
    assert.equal("stopped after 3 of 10 steps, all saved in x.db: run the same command again to resume",
      stop(3, 20, "x.db"))
    assert.truthy(stop(3, 20, nil):find("lost", 1, true))
    assert.equal("stopped after 7 of 20 steps that tune the moves, all saved in x.db: run the same command again to "
      .. "resume", stop(0, 7, "x.db"))
    assert.truthy(stop(0, 7, nil):find("^stopped after 7 of 20 steps that tune the moves; .* are lost"))
    assert.equal("stopped before the first of 10 steps: the same command begins", stop(0, 0, "x.db"))
    assert.equal("stopped before the first of 10 steps: the same command begins", stop(0, 0, nil))
  end)
end)
