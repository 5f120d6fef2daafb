-- Launches the program as the ranks of a job, for the specs of both MPIs: ranks.find "openmpi" or "mpich". Written in
-- the common subset of Lua 5.1 to 5.4.
local helper = require "tests.spec.helper"

local ranks = {}

local LAUNCHERS = {
  openmpi = { command = "mpiexec.openmpi", options = { "--oversubscribe", "--bind-to", "none" },
    env = { OMPI_ALLOW_RUN_AS_ROOT = 1, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = 1 } },
  mpich = { command = "mpiexec.mpich", options = {}, env = {} },
}

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function which(command)
  local pipe = assert(io.popen("command -v " .. command .. " 2>/dev/null", "r"))
  local path = pipe:read("*l")
  pipe:close()
  return path
end

local Launcher = {}
Launcher.__index = Launcher

--- The launcher of an MPI, or nil and the missing part.
function ranks.find(mpi)
  local row = LAUNCHERS[mpi]
  local path = which(row.command)
  if not path then return nil, row.command .. " is not here" end
  local folder = helper.program:match("^(.*)/[^/]*$")
  local plugin = ("%s/ensemble-mpi-%s.so"):format(folder, mpi)
  if not exists(plugin) then return nil, plugin .. " was not built" end
  if folder:find("thread$") or folder:find("address") then
    return nil, "MPI's own libraries are not made for the sanitizers"
  end
  return setmetatable({ path = path, row = row, mpi = mpi }, Launcher)
end

--- Options for directory:run and directory:start, for `n` ranks of the program. `options` has the form that these take.
function Launcher:options(n, options)
  local call = { program = self.path, env = {}, timeout = options.timeout or 60 }
  for name, value in pairs(self.row.env) do call.env[name] = value end
  for name, value in pairs(options.env or {}) do call.env[name] = value end
  for _, word in ipairs(self.row.options) do call[#call + 1] = word end
  call[#call + 1] = "-n"
  call[#call + 1] = n
  call[#call + 1] = options.program or helper.program
  for _, word in ipairs(options) do call[#call + 1] = word end
  return call
end

--- Runs `n` ranks to the end. `elsewhere`: shell commands that all ranks except the first run before, in launch.sh.
function Launcher:run(dir, n, options)
  if options.elsewhere then
    dir:write("launch.sh", ('if [ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" != 0 ]; then %s; fi\nexec "$@"\n'):format(
      options.elsewhere))
  end
  return dir:run(self:options(n, options))
end

--- Starts `n` ranks.
function Launcher:start(dir, n, options) return dir:start(self:options(n, options)) end

--- The process number of a rank, from the file `name` into which its script or model writes it.
function ranks.number(dir, name)
  return helper.eventually(function()
    local number = tonumber(dir:read(name) or "")
    return number
  end, 30)
end

return ranks
