-- Two hosts on one machine, made by tests/two_hosts: each gets the data once, and one has files of its own.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"
local ranks = require "tests.spec.ranks"

local TWO_HOSTS = helper.root .. "/tests/two_hosts"

-- 8 MB of data, which must be sent to the second host once.
local RUN = [[
local ensemble = require "ensemble"
local numbers = {}
for i = 1, 1000000 do numbers[i] = i end
local sampler = ensemble.run { walkers = 16, steps = tonumber(arg[1]), seed = 4, workers = 1, quiet = true,
  progress = "none", start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1), data = { x = ensemble.array(numbers) },
  model = { ndim = 5, log_prob = function(theta, data)
    ensemble.sleep(0.002)
    local sum = 0
    for i = 1, 5 do sum = sum + theta[i] * theta[i] * data.x[1] end
    return -0.5 * sum
  end } }
print(("%a"):format(sampler:chain { flat = true }:sum()))
local info, hosts, elsewhere = sampler:info(), {}, 0
for _, worker in ipairs(info.per_worker) do
  hosts[worker.host] = (hosts[worker.host] or 0) + worker.evaluations
  if worker.rank > 0 then elsewhere = elsewhere + worker.evaluations end
end
for host, evaluations in pairs(hosts) do io.stderr:write(host, " ", evaluations, "\n") end
if info.traffic then
  io.stderr:write(("data %d\neach %g\n"):format(info.traffic.data,
    (info.traffic.proposals + info.traffic.results) / elsewhere))
end
]]

describe(helper.name .. " on two hosts", function()
  local launcher, missing = ranks.find "openmpi"
  if not launcher then
    pending("skipped: " .. missing)
    return
  end
  local check = helper.directory():run { program = TWO_HOSTS, "--check" }
  if check.status ~= 0 then
    pending("skipped: no network namespaces can be made here: " .. check.stderr:gsub("%s+", " "))
    return
  end
  local dir
  before_each(function() dir = helper.directory() end)

  it("gives the chain of one process, and sends the data once to each host", function()
    dir:write("run.lua", RUN)
    local alone = dir:run { "run.lua", 20 }
    assert.equal(0, alone.status, alone.stderr)
    local result = dir:run { program = TWO_HOSTS, env = { RECEIVED = "received" }, 1, 3, helper.program, "run.lua", 20 }
    assert.equal(0, result.status, result.stderr)
    assert.equal(alone.stdout, result.stdout)
    assert.truthy(result.stderr:find("nodea %d+"), result.stderr)
    assert.truthy(result.stderr:find("nodeb %d+"), result.stderr)
    -- A message has five numbers and the answer, 48 bytes, and 28 bytes more.
    assert.truthy(result.stderr:find("each 76\n", 1, true), result.stderr)
    local sent, bytes = tonumber(result.stderr:match("data (%d+)")), tonumber(dir:read("received"))
    assert.is_true(sent >= 8e6 and sent < 8.01e6, ("%d bytes of data were sent"):format(sent))
    assert.is_true(bytes > 8e6 and bytes < 12e6, ("%d bytes came for three ranks"):format(bytes))
  end)

  it("sends data even if that takes longer than rank_timeout", function()
    dir:write("run.lua", (RUN:gsub("walkers = 16", "rank_timeout = 3, %0")))
    local result = dir:run { program = TWO_HOSTS, env = { RATE = "12mbit" }, 1, 2, helper.program, "run.lua", 5 }
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stderr:find("data 8000", 1, true), result.stderr)
  end)

  -- In another library, a function has another address.
  it("rejects functions of a library that differs on another host", function()
    local function build(body)
      return compile.library(("#include <stddef.h>\ndouble f(const double *t, size_t n, void *c) {\n"
        .. " (void)n, (void)c;\n return %s;\n}\n"):format(body))
    end
    os.execute(("cp %s %s && cp %s %s"):format(build("-t[0] * t[0]"), dir:file("model.so"), build("-0.5 * t[0] * t[0]"),
      dir:file("there.so")))
    dir:write("run.lua", [[
      local ensemble = require "ensemble"
      ensemble.run { steps = 5, walkers = 8, start = ensemble.ball({ 0 }, 1), workers = 1, quiet = true,
        progress = "none",
        model = { parameters = { "x" }, log_prob = ensemble.cfunction("./model.so", "f") } }]])
    dir:write("launch.sh", [[
      [ "$(hostname)" = nodeb ] || exec "$@"
      exec unshare -m sh -c 'mount --bind there.so model.so && exec "$@"' sh "$@"]])
    local result = dir:run { program = TWO_HOSTS, 1, 1, "/bin/sh", "launch.sh", helper.program, "run.lua" }
    assert.equal(2, result.status, result.stderr)
    assert.truthy(result.stderr:find("model.so: the library on this host differs from that of rank 0: "
      .. "install the same file on all hosts\n  "
      .. "on rank 1 (host nodeb)", 1, true), result.stderr)
  end)
end)
