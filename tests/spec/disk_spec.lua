-- A run on a bad disk: other file systems, no locks, no room, errors, a file that is taken away, readers that stay. The
-- store has every step that the run reported as saved, the message names the cause, and the same command resumes the
-- run.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

-- A sanitizer's library must be loaded first, so disk.c cannot be preloaded. Both programs share the store's code.
if helper.program:find("/address") or helper.program:find("/thread") or helper.is_luajit then
  describe(helper.name .. " and its disk", function()
    it("are tested only with ensemble-lua, built without a sanitizer", function() end)
  end)
  return
end

local SCRIPT = [=[
local ensemble = require "ensemble"
ensemble.run {
  model = "model.lua", start = ensemble.ball({ 0, 1 }, 1), walkers = 8, steps = tonumber(arg[1] or 60), seed = 7,
  commit_every = 0.01, output = "run.db", quiet = true, workers = 1,
}
]=]

local MODEL = [=[
local ensemble = require "ensemble"
local n, at, command = 0, tonumber(os.getenv "AT" or 0), os.getenv "COMMAND"
return { parameters = { "x", "y" }, log_prob = function(t)
  n = n + 1
  if n == at then os.execute(command) end
  if n % 10 == 0 then ensemble.sleep(0.002) end
  return -0.5 * (t.x * t.x + t.y * t.y)
end }
]=]

local function has(text, words) assert.truthy(text:find(words, 1, true), text) end

local function finds(text, pattern) assert.truthy(text:find(pattern), text) end

describe(helper.name .. " and its disk:", function()
  local library, whole

  local function fresh()
    local dir = helper.directory()
    dir:write("model.lua", MODEL)
    dir:write("run.lua", SCRIPT)
    return dir
  end

  -- Runs the program on a simulated disk, tests/spec/native/disk.c. `disk` is that library's environment.
  local function on_disk(dir, disk, call)
    call.env = disk
    disk.LD_PRELOAD, disk.DISK_DIR = library, dir.path
    return dir:run(call)
  end

  local function steps(dir, name)
    return tonumber(dir:run({ "info", "--json", name or "run.db" }).stdout:match('"steps":(%d+)'))
  end

  -- Resumes the run to 20 more steps on a healthy disk, and compares it with an undisturbed run.
  local function assert_goes_on(dir)
    local total = steps(dir) + 20
    for _, output in ipairs { "run.db", "whole.db" } do
      local result = dir:run { "--output", output, "run.lua", total }
      assert.equal(0, result.status, result.stderr)
    end
    assert(python.call("storecheck.py", "same", dir:file("whole.db"), dir:file("run.db")))
  end

  setup(function()
    local place = helper.directory()
    library = place:file("disk.so")
    assert.truthy(os.execute(("cc -O1 -w -shared -fPIC -o %s tests/spec/native/disk.c -ldl"):format(
      helper.quote(library))))
    local dir = fresh()
    assert.equal(0, dir:run({ "run.lua" }).status)
    whole = dir:file("run.db")
  end)

  describe("the journal", function()
    local function journal_on(kind, journal)
      local dir = fresh()
      local disk = { DISK_TYPE = kind, AT = 200, COMMAND = "ls run.db-wal >found 2>/dev/null" }
      local result = on_disk(dir, disk, { "--journal", journal or "auto", "run.lua" })
      assert.equal(0, result.status, result.stderr)
      assert(python.call("storecheck.py", "same", whole, dir:file("run.db")))
      assert.is_nil(dir:read("run.db-wal"))
      return dir:read("found") == "run.db-wal\n" and "wal" or "delete", result.stderr
    end

    for name, kind in pairs { ext4 = 0xEF53, tmpfs = 0x01021994 } do
      it("is a write-ahead log on " .. name, function() assert.same({ "wal", "" }, { journal_on(kind) }) end)
    end

    for name, kind in pairs { NFS = 0x6969, Lustre = 0x0BD00BD0, FUSE = 0x65735546,
      ["one that nobody knows"] = 0x12345 } do
      it("is a rollback journal on " .. name, function()
        assert.same({ "delete", "" }, { journal_on(kind) })
      end)
    end

    it("is the one that --journal names", function()
      assert.same({ "delete", "" }, { journal_on(0xEF53, "delete") })
      assert.same({ "wal", "ensemble-lua: warning: the file system of 'run.db' is NFS: with journal wal no other "
        .. "machine may open the file while it is written\n" }, { journal_on(0x6969, "wal") })
    end)
  end)

  it("without locks a run ends at once and suggests a remedy", function()
    local dir = fresh()
    local function refused()
      local result = on_disk(dir, { DISK_TYPE = 0x6969, DISK_LOCKS = 37 }, { "run.lua", 100 })
      assert.equal(2, result.status)
      has(result.stderr, "ensemble-lua: run.lua:2: 'run.db' cannot be written: its file system, NFS, locks no files "
        .. "(No locks available): give an output on a disk of this machine, and copy it when the run is over\n")
    end
    refused()
    assert.is_nil(dir:read("run.db"))
    assert.equal(0, dir:run({ "run.lua" }).status)
    refused()
    for _, command in ipairs { "info", "summary" } do -- reading needs no locks
      local result = on_disk(dir, { DISK_LOCKS = 37 }, { command, "run.db" })
      assert.equal(0, result.status, result.stderr)
    end
    assert_goes_on(dir)
  end)

  for text, number in pairs { ["no room left on the device"] = 28, ["disk I/O error (Disk quota exceeded)"] = 122 } do
    it("the run waits for the end of a passing error: " .. text, function()
      for _, journal in ipairs { "wal", "delete" } do
        local dir = fresh()
        local result = on_disk(dir, { DISK_CALL = "write", DISK_AFTER = 60, DISK_ERRNO = number, DISK_SECONDS = 1 },
          { "--journal", journal, "run.lua" })
        assert.equal(0, result.status, result.stderr)
        has(result.stderr, ("ensemble-lua: 'run.db': cannot save steps: %s: trying again for up to 60 s\n"):format(
          text))
        has(result.stderr, "ensemble-lua: 'run.db': steps are saved again\n")
        assert.same({ { "warning", "'run.db': cannot save steps: " .. text } },
          helper.sql(dir:file("run.db"), "SELECT level, message FROM log"))
        assert(python.call("storecheck.py", "same", whole, dir:file("run.db")))
      end
    end)
  end

  for _, call in ipairs { "write", "sync" } do
    it("a " .. call .. " error ends the run, which reports the number of saved steps", function()
      for _, journal in ipairs { "wal", "delete" } do
        local dir = fresh()
        local result = on_disk(dir, { DISK_CALL = call, DISK_AFTER = call == "write" and 60 or 25, DISK_ERRNO = 5 },
          { "--journal", journal, "run.lua", 100000 })
        assert.equal(1, result.status, result.stderr)
        local saved, last = result.stderr:match("^ensemble%-lua: (%d+) of (%d+) steps up to the error are saved "
          .. "in run%.db\nensemble%-lua: run%.lua:2: 'run%.db': cannot save steps: disk I/O error "
          .. "%(Input/output error%)\n$")
        assert.truthy(saved, result.stderr)
        assert.is_true(tonumber(saved) < tonumber(last), result.stderr)
        assert.equal(tonumber(saved), steps(dir))
        assert_goes_on(dir)
      end
    end)
  end

  for name, command in pairs { ["whose folder is removed"] = 'rm -r "$PWD"', ["whose file is removed"] = "rm run.db",
    ["whose file is moved"] = "mv run.db other.db" } do
    it("a run " .. name .. " ends with an error", function()
      for _, journal in ipairs { "wal", "delete" } do
        local dir = fresh()
        os.execute("mkdir -p " .. dir:file("in") .. " && cp " .. dir:file("*.lua") .. " " .. dir:file("in"))
        local words = ("cd in && exec %s --journal %s run.lua 100000"):format(helper.quote(helper.program), journal)
        local result = dir:run { program = "sh", "-c", words, env = { AT = 300, COMMAND = command } }
        assert.equal(1, result.status, result.stderr)
        finds(result.stderr, "^ensemble%-lua: %d+ of %d+ steps up to the error are saved in run%.db\nensemble%-lua: "
          .. "run%.lua:2: 'run%.db' was moved or removed while it was being written: nothing more can be saved\n$")
        assert.is_nil(dir:read("in/run.db"))
      end
    end)
  end

  it("a run whose folder is moved resumes there", function()
    local dir = fresh()
    os.execute("mkdir -p " .. dir:file("in") .. " && cp " .. dir:file("*.lua") .. " " .. dir:file("in"))
    local words = ("cd in && exec %s run.lua 100000"):format(helper.quote(helper.program))
    local result = dir:run { program = "sh", "-c", words, env = { AT = 300, COMMAND = "mv ../in ../there" } }
    assert.equal(1, result.status, result.stderr)
    local saved = tonumber(result.stderr:match("(%d+) of %d+ steps up to the error are saved"))
    assert.equal(saved, steps(dir, "there/run.db"))
    result = dir:run { program = "sh", "-c", ("cd there && exec %s run.lua"):format(helper.quote(helper.program)) }
    assert.equal(0, result.status, result.stderr)
    assert(python.call("storecheck.py", "same", whole, dir:file("there/run.db")))
  end)

  it("a reader that stays keeps the journal beside the store until the same command or resume runs again", function()
    for _, again in ipairs { { "run.lua" }, { "resume", "run.db" } } do
      local dir = fresh()
      dir:write("reader.py", "import sqlite3, sys\ndb = sqlite3.connect('file:run.db?mode=ro', uri=True)\n"
        .. "print(db.execute('SELECT count(*) FROM run').fetchone(), flush=True)\nsys.stdin.read()\n")
      os.execute("mkfifo " .. helper.quote(dir:file("end")))
      local words = [=[python3 reader.py <end >seen & exec 3>end
"$0" --journal wal run.lua; status=$?
"$0" info run.db; exec 3>&-; wait; exit $status]=]
      local result = dir:run { program = "sh", "-c", words, helper.program,
        env = { AT = 100, COMMAND = "while [ ! -s seen ]; do sleep 0.02; done" } }
      assert.equal(0, result.status, result.stderr)
      finds(result.stdout, "status +finished\n")
      assert.equal("ensemble-lua: 'run.db' is kept open by another program, so its journal stays beside it: nothing is "
        .. "lost; when that program has closed it, run the same command again to merge the journal into the file\n",
        result.stderr)
      assert.equal("wal", helper.sql(dir:file("run.db"), "PRAGMA journal_mode")[1][1])
      assert.equal(0, dir:run(again).status)
      assert.equal("delete", helper.sql(dir:file("run.db"), "PRAGMA journal_mode")[1][1])
      assert.is_nil(dir:read("run.db-wal"))
      assert(python.call("storecheck.py", "same", whole, dir:file("run.db")))
    end
  end)
end)
