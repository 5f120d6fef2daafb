-- Two hosts on one machine: network namespaces with addresses and host names of their own, and Open MPI's launch across
-- them by an agent that enters the other one, as ssh would. Wants root, ip and unshare.
local helper = require "tests.spec.helper"
local ranks = require "tests.spec.ranks"

local SUBNET = "10.197.83."

local function shell(format, ...)
  local pipe = assert(io.popen("{ " .. format:format(...) .. "; } 2>&1; echo \"status $?\"", "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text:match("status (%d+)\n$") == "0", text
end

local names = { "ensa" .. tostring(os.time()), "ensb" .. tostring(os.time()) }

local function make_hosts()
  local a, b = names[1], names[2]
  return shell([[ip netns add %s && ip netns add %s && ip link add %sv netns %s type veth peer name %sv netns %s &&
    ip -n %s addr add %s1/24 dev %sv && ip -n %s addr add %s2/24 dev %sv && ip -n %s link set %sv up &&
    ip -n %s link set %sv up && ip -n %s link set lo up && ip -n %s link set lo up]], a, b, "a", a, "b", b, a, SUBNET,
    "a", b, SUBNET, "b", a, "a", b, "b", a, b)
end

local function remove_hosts()
  for _, name in ipairs(names) do shell("ip netns del %s", name) end
end

-- 8 MB of data, which the second host must get once; ndim 5, as bytes an evaluation are counted.
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
local hosts = {}
for _, worker in ipairs(sampler:info().per_worker) do
  hosts[worker.host] = (hosts[worker.host] or 0) + worker.evaluations
end
for host, evaluations in pairs(hosts) do io.stderr:write(host, " ", evaluations, "\n") end
]]

describe(helper.name .. " on two hosts", function()
  local launcher, missing = ranks.find "openmpi"
  if not launcher then
    pending("skipped: " .. missing)
    return
  end
  local made, why = make_hosts()
  if not made then
    remove_hosts()
    pending("skipped: no network namespaces can be made here: " .. why:gsub("%s+", " "))
    return
  end
  teardown(remove_hosts)

  local dir = helper.directory()
  dir:write("run.lua", RUN)
  dir:write("agent.sh", ('#!/bin/sh\nshift\nexec ip netns exec %s unshare -u sh -c "hostname nodeb; $*"\n'):format(
    names[2]))
  os.execute("chmod +x " .. helper.quote(dir:file("agent.sh")))

  local function launch(steps)
    return dir:run { program = "ip", "netns", "exec", names[1], "unshare", "-u", "sh", "-c", ([[hostname nodea
      export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
      exec %s --mca plm_rsh_agent ./agent.sh -H nodea:1,%s2:3 --bind-to none --mca btl tcp,self \
        --mca oob_tcp_if_include %s0/24 --mca btl_tcp_if_include %s0/24 -n 4 %s run.lua %d]]):format(launcher.path,
      SUBNET, SUBNET, SUBNET, helper.quote(helper.program), steps), timeout = 60 }
  end

  -- Bytes that have come into the second host.
  local function received()
    local _, text = shell("ip netns exec %s cat /sys/class/net/bv/statistics/rx_bytes", names[2])
    return tonumber(text:match("^%d+"))
  end

  it("gives the chain of one process, and sends the data once to each host", function()
    local alone = dir:run { "run.lua", 20 }
    assert.equal(0, alone.status, alone.stderr)
    local before = received()
    local result = launch(20)
    local bytes = received() - before
    assert.equal(0, result.status, result.stderr)
    assert.equal(alone.stdout, result.stdout)
    assert.truthy(result.stderr:find("nodea %d+"), result.stderr)
    assert.truthy(result.stderr:find("nodeb %d+"), result.stderr)
    assert.is_true(bytes > 8e6 and bytes < 12e6, ("%d bytes for three ranks"):format(bytes))
  end)
end)
