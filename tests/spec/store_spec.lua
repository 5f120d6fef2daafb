-- The store for a reader that has only SQLite (docs/reference/store.md), and the commands' output from the same file.
-- storecheck.py checks the tables.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local SCRIPT = [=[
local ensemble = require "ensemble"
local sleep = tonumber(arg[2] or 0)
local sampler = ensemble.run {
  model = { parameters = { "slope", "offset", "width" }, blobs = { "log_prior", "chi2" }, log_prob = function(theta)
    local s = theta[1] * theta[1] + theta[2] * theta[2] + theta[3] * theta[3]
    if sleep > 0 then ensemble.sleep(sleep * math.random()) end
    return -0.5 * s, -s, 2 * s
  end },
  start = ensemble.ball({ 0, 0, 1 }, 1), walkers = 8, steps = tonumber(arg[1] or 500), thin_by = 2, seed = 31,
  commit_every = 0.02, output = "run.db", quiet = true,
}
local info, summary = sampler:info(), sampler:summary { discard = 100, thin = 3 }
print(("%d %.17g %d %s"):format(info.steps, info.acceptance_fraction, info.evaluations, info.status))
for _, row in ipairs(summary.parameters) do
  print(("%s %.17g %.17g %.17g %.17g"):format(row.name, row.mean, row.sd, row.q50, row.tau))
end
]=]

describe(helper.name .. "'s store", function()
  local dir, path, told

  setup(function()
    dir = helper.directory()
    local result = dir:script(SCRIPT)
    assert.equal(0, result.status, result.stderr)
    path, told = dir:file("run.db"), result.stdout
  end)

  local function sql(query, file) return helper.sql(file or path, query) end

  local function running(steps, sleep)
    local place = helper.directory()
    place:write("run.lua", SCRIPT)
    local child = place:start { "--workers", 1, "run.lua", steps, sleep }
    assert(helper.eventually(function() return place:read("run.db") or not child:alive() end))
    assert.is_true(child:alive(), child:stderr())
    return place, child
  end

  it("has the tables, columns, sizes and sums of the reference, and leaves no other file", function()
    assert(python.call("storecheck.py", "form", path, dir:file("run.lua")))
  end)

  it("has them after a stop and a resume, with or without zlib chunks", function()
    local place, child = running(120, 0.002)
    child:signal("TERM")
    assert.equal(75, child:wait(60).status)
    assert.equal("stopped", sql("SELECT status FROM run", place:file("run.db"))[1][1])
    assert.equal("75", sql("SELECT exit_status FROM session", place:file("run.db"))[1][1])
    assert.equal(0, place:run({ "run.lua", 120, 0.002 }).status)
    assert(python.call("storecheck.py", "form", place:file("run.db"), place:file("run.lua")))
    assert.equal("2", sql("SELECT count(*) FROM session", place:file("run.db"))[1][1])
    for _, row in ipairs(sql "SELECT DISTINCT codec FROM chunk") do
      assert.is_true(row[1] == "raw" or row[1] == "zlib", row[1])
    end
  end)

  it("describes the run", function()
    local run = sql([[SELECT nwalkers, ndim, thin_by, nstored, status, seed, engine, script_name, argv, moves
      FROM run]])[1]
    assert.same({ "8", "3", "2", "500", "finished", "31" }, { run[1], run[2], run[3], run[4], run[5], run[6] })
    assert.equal(helper.is_luajit and "LuaJIT 2.1" or "Lua 5.4", run[7])
    assert.truthy(run[8]:find("run.lua", 1, true))
    assert.truthy(run[10]:find('"weight"', 1, true))
    assert.same({ { "0", "slope" }, { "1", "offset" }, { "2", "width" } }, sql "SELECT idx, name FROM param")
    assert.same({ { "0", "log_prior" }, { "1", "chi2" } }, sql "SELECT idx, name FROM blob_def")
  end)

  it("keeps the script's arguments as a list in JSON", function()
    local place = helper.directory()
    local result = place:script(SCRIPT, { "200", "0", 'a "quoted" \\ word', "\195\164\n" })
    assert.equal(0, result.status, result.stderr)
    local words = helper.sql(place:file("run.db"), "SELECT value FROM run, json_each(argv) ORDER BY key")
    local last = { words[#words - 3][1], words[#words - 2][1], words[#words - 1][1], words[#words][1] }
    assert.same({ "200", "0", 'a "quoted" \\ word', "\195\164\n" }, last)
  end)

  it("holds little-endian numbers at the documented places", function()
    local chain = helper.chain(path)
    assert.same({ 500, 8, 3, 2 }, { chain.steps, chain.walkers, chain.ndim, chain.nblobs })
    for _, i in ipairs { 1, 8, 9, 777, 4000 } do
      local s = 0
      for d = 1, 3 do s = s + chain.coords[3 * (i - 1) + d] * chain.coords[3 * (i - 1) + d] end
      assert.equal(-0.5 * s, chain.log_prob[i])
      assert.equal(-s, chain.blobs[1][i])
      assert.equal(2 * s, chain.blobs[2][i])
    end
  end)

  it("gives the script's numbers in info and summary", function()
    local function numbers(call)
      local result = dir:run(call)
      assert.equal(0, result.status, result.stderr)
      return result.stdout
    end
    local info = numbers { "info", "--json", "run.db" }
    local steps, acceptance, evaluations, status = told:match("^(%d+) (%S+) (%d+) (%S+)\n")
    assert.equal(tonumber(steps), tonumber(info:match('"steps":(%d+)')))
    assert.equal(tonumber(acceptance), tonumber(info:match('"acceptance_fraction":([^,]+)')))
    assert.equal(tonumber(evaluations), tonumber(info:match('"evaluations":(%d+)')))
    assert.equal(8 * 1001, tonumber(evaluations))
    assert.equal(status, info:match('"status":"(%a+)"'))
    local summary = numbers { "summary", "--json", "--discard", 100, "--thin", 3, "run.db" }
    for name, mean, sd, q50, tau in told:gmatch("\n(%a+) (%S+) (%S+) (%S+) (%S+)") do
      local row = summary:match('{"name":"' .. name .. '"[^}]*}')
      for key, number in pairs { mean = mean, sd = sd, q50 = q50, tau = tau } do
        assert.equal(tonumber(number), tonumber(row:match('"' .. key .. '":([^,}]+)')), name .. "." .. key)
      end
    end
  end)

  it("can be read in a read-only folder, also by another user, and reading leaves no files", function()
    local place = helper.directory()
    os.execute(("cp %s %s && chmod 444 %s && chmod 555 %s"):format(path, place.path, place:file("run.db"), place.path))
    local prefix = ""
    if io.popen("id -u"):read("*l") == "0" then
      if os.execute("command -v setpriv >/dev/null") ~= 0 and os.execute("command -v setpriv >/dev/null") ~= true then
        return pending("root, and no setpriv to be another user")
      end
      prefix = "setpriv --reuid=65534 --regid=65534 --clear-groups "
    end
    local program = os.tmpname() -- other users may have no access to the source tree
    os.execute(("cp %s %s && chmod 755 %s"):format(helper.program, program, program))
    for _, command in ipairs { "info --json", "summary --json" } do
      local pipe = io.popen(("cd / && %s%s %s %s 2>&1; echo status $?"):format(prefix, program, command,
        place:file("run.db")))
      local text = pipe:read "*a"
      pipe:close()
      assert.truthy(text:find("status 0\n$"), text)
      assert.truthy(text:find('"steps":500', 1, true), text)
    end
    os.remove(program)
    local listing = io.popen("ls -A " .. place.path .. " | grep -v '^[.]run'")
    assert.equal("run.db\n", listing:read "*a")
    listing:close()
  end)

  it("shows a reader complete steps during the run, which continues", function()
    local place, child = running(100000, 0.0005)
    assert(python.call("storecheck.py", "follow", place:file("run.db"), "10"))
    child:signal("TERM")
    assert.equal(75, child:wait(60).status, child:stderr())
    local steps = sql("SELECT nstored FROM run", place:file("run.db"))[1][1]
    assert.equal(0, place:run({ "run.lua", math.max(200, tonumber(steps)), 0.0005 }).status)
    assert(python.call("storecheck.py", "form", place:file("run.db"), place:file("run.lua")))
  end)

  it("has info and summary while the run writes it", function()
    local place, child = running(100000, 0.002)
    local function steps()
      local result = place:run { "info", "--json", "run.db" }
      assert.equal(0, result.status, result.stderr)
      assert.equal("running", result.stdout:match('"status":"(%a+)"'))
      return tonumber(result.stdout:match('"steps":(%d+)'))
    end
    local first = steps()
    assert.truthy(helper.eventually(function() return steps() > first + 2 end))
    assert.equal(0, place:run({ "summary", "run.db" }).status)
    child:signal("TERM")
    assert.equal(75, child:wait(60).status)
  end)

  it("rejects a second writer, naming the first, which continues", function()
    local place, child = running(100000, 0.002)
    local result = place:run { "run.lua", 100000, 0.002 }
    assert.equal(2, result.status, result.stderr)
    assert.truthy(result.stderr:find("run.db", 1, true), result.stderr)
    assert.truthy(result.stderr:find("process " .. child.pid, 1, true), result.stderr)
    assert.is_nil(result.stderr:find("are saved", 1, true), result.stderr)
    assert.is_true(child:alive())
    child:signal("TERM")
    assert.equal(75, child:wait(60).status)
    assert.equal("1", sql("SELECT count(*) FROM session", place:file("run.db"))[1][1])
  end)

  it("of a killed run is intact, with status stopped", function()
    local place, child = running(100000, 0.001)
    assert(helper.eventually(function()
      local info = place:run { "info", "--json", "run.db" }
      return tonumber(info.stdout:match('"steps":(%d+)')) > 5
    end))
    child:signal("KILL")
    assert.equal(137, child:wait(60).status)
    local info = place:run { "info", "--json", "run.db" }
    assert.equal("stopped", info.stdout:match('"status":"(%a+)"'))
    local steps = tonumber(info.stdout:match('"steps":(%d+)'))
    assert.equal(steps, helper.chain(place:file("run.db")).steps)
    assert.equal("ok", sql("PRAGMA integrity_check", place:file("run.db"))[1][1])
  end)

  it("of a failed run has its steps, its status and its error", function()
    local place = helper.directory()
    local result = place:script((SCRIPT:gsub("local s = ", "if math.random() < 0.0005 then error('no luck') end\n%0")))
    assert.equal(1, result.status, result.stderr)
    local file = place:file("run.db")
    local status, steps = (table.unpack or unpack)(sql("SELECT status, nstored FROM run", file)[1])
    assert.equal("failed", status)
    assert.is_true(tonumber(steps) > 0 and tonumber(steps) < 500, steps)
    assert.equal(tonumber(steps), helper.chain(file).steps)
    assert.equal("1", sql("SELECT exit_status FROM session", file)[1][1])
    local log = sql("SELECT level, message FROM log", file)
    assert.equal("error", log[#log][1])
    assert.truthy(log[#log][2]:find("no luck", 1, true))
    assert.equal("failed", place:run({ "info", "--json", "run.db" }).stdout:match('"status":"(%a+)"'))
  end)
end)
