-- The folder in which a page's blocks run, and the programs on the reader's PATH: ensemble-lua, a python3 that has
-- numpy, the header for models in C, and stand-ins (tests/spec/docs/bin) for a cluster's commands. Written in the
-- common subset of Lua 5.1 to 5.4.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"
local pages = require "tests.spec.docs.pages"
local python = require "tests.spec.python"
local ranks = require "tests.spec.ranks"

local folder = {}
local quote = helper.quote

local LIMIT = 60 -- seconds per block

local tools -- the directory of programs, the same for all pages

local function execute(command)
  local ok = os.execute(command)
  assert(ok == true or ok == 0, command)
end

-- Writes a program `name` that runs `target` with the same arguments.
local function program(name, target)
  local path = tools:write("bin/" .. name, ("#!/bin/sh\nexec %s \"$@\"\n"):format(target))
  execute("chmod +x " .. quote(path))
end

local function launcher()
  for _, mpi in ipairs { "openmpi", "mpich" } do
    local found = ranks.find(mpi)
    if found then return found end
  end
  return nil
end

-- Installs the header for models in C and the file of pkg-config, like `make install`.
local function install_header()
  local root = quote(helper.root)
  execute(("cd %s && mkdir -p include share/pkgconfig && ln -s %s/src/ensemble_model.h include/ && "
    .. "sed 's|@PREFIX@|%s|; s|@VERSION@|0|' %s/src/ensemble-lua.pc.in >share/pkgconfig/ensemble-lua.pc"):format(
    quote(tools.path), root, tools.path, root))
end

-- Pages show runs on two CPUs; with more CPUs, they would print other numbers of workers and other advice. Returns a
-- command prefix; it is empty if there are no more than two CPUs, or no taskset.
local function two_cpus()
  local pipe = assert(io.popen("taskset -cp $$ 2>/dev/null", "r"))
  local allowed, list = pipe:read("*a"):match(":%s*(%S+)") or "", {}
  pipe:close()
  for first, last in allowed:gmatch("(%d+)%-?(%d*)") do
    for cpu = tonumber(first), tonumber(last) or tonumber(first) do list[#list + 1] = ("%d"):format(cpu) end
  end
  if #list <= 2 then return "" end
  return ("taskset -c %s,%s "):format(list[1], list[2])
end

local function environment()
  local env = {
    PATH = ("%s/bin:%s/tests/spec/docs/bin:%s"):format(tools.path, helper.root, os.getenv("PATH")),
    ENSEMBLE_ROOT = helper.root,
    PKG_CONFIG_PATH = tools.path .. "/share/pkgconfig",
    CPATH = tools.path .. "/include",
    OMPI_ALLOW_RUN_AS_ROOT = 1, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = 1,
    LC_ALL = "C.UTF-8", PYTHONDONTWRITEBYTECODE = 1,
  }
  local found = launcher()
  if found then
    env.DOCS_MPIEXEC = table.concat({ found.path, table.concat(found.row.options, " ") }, " ")
  end
  local list = {}
  for name, value in pairs(env) do list[#list + 1] = quote(name .. "=" .. value) end
  table.sort(list)
  return table.concat(list, " ")
end

local function prepare()
  if tools then return end
  tools = helper.directory()
  tools:write("bin/.keep", "")
  local home = helper.program:match("^(.*)/[^/]*$")
  for _, name in ipairs { "ensemble-lua", "ensemble-luajit" } do
    local path = home .. "/" .. name
    if helper.read(path) then execute(("ln -s %s %s"):format(quote(path), quote(tools:file("bin/" .. name)))) end
  end
  local interpreter = python.with("numpy, emcee") or python.with("numpy")
  if interpreter then program("python3", interpreter) end
  install_header()
  tools.environment, tools.cpus = environment(), two_cpus()
end

---------------------------------------------------------------------------------------------------- requirements
local TOOLS = { "Rscript", "gfortran", "g++", "sqlite3", "ensemble-luajit" }
local RANKS = { "mpiexec", "srun", "sbatch" }
local OF_LANGUAGE = { r = "Rscript", cpp = "g++", fortran = "gfortran", sql = "sqlite3" }

local function is_there(tool)
  return compile.has(tool) or helper.read(tools:file("bin/" .. tool)) ~= nil
end

local modules = {}

local function has_module(name)
  if modules[name] == nil then
    modules[name] = os.execute(("env %s python3 -c 'import %s' 2>/dev/null"):format(tools.environment, name))
  end
  return modules[name] == true or modules[name] == 0
end

-- Whether a shell script calls the command.
local function calls(text, command)
  local name = command:gsub("%p", "%%%0")
  return ("\n" .. text):find("[\n;&|(%s]" .. name .. "%f[^%w+_.-]") ~= nil
end

--- The first requirement of a step that this machine lacks, or nil.
function folder.lacks(step)
  prepare()
  local tool = OF_LANGUAGE[step.language]
  if tool and step.kind ~= "file" and not is_there(tool) then return tool .. " is not here" end
  if step.language == "sh" then
    for _, name in ipairs(TOOLS) do
      if calls(step.text, name) and not is_there(name) then return name .. " is not here" end
    end
    for _, name in ipairs(RANKS) do
      if calls(step.text, name) and not launcher() then return "an MPI with its plugin is not here" end
    end
  elseif step.language == "python" and step.kind == "run" then
    for name in ("\n" .. step.text):gmatch("\n%s*import ([%w_, ]+)") do
      for module in name:gmatch("[%w_]+") do
        if module == "as" then break end
        if not has_module(module) then return "python3 has no " .. module end
      end
    end
    for module in ("\n" .. step.text):gmatch("\n%s*from ([%w_]+)") do
      if not has_module(module) then return "python3 has no " .. module end
    end
  end
  return nil
end

---------------------------------------------------------------------------------------------------- running
local Folder = {}
Folder.__index = Folder

--- A fresh folder for a page.
function folder.new()
  prepare()
  return setmetatable({ dir = helper.directory(), count = 0 }, Folder)
end

-- Runs a shell command in the folder. Returns its status and the lines that it printed.
function Folder:shell(command)
  local pipe = assert(io.popen(("cd %s && env %s %stimeout -k 5 %d %s </dev/null 2>&1; echo \"status $?\""):format(
    quote(self.dir.path), tools.environment, tools.cpus, LIMIT, command), "r"))
  local text, status = pipe:read("*a"):match("^(.*)status (%d+)\n$")
  pipe:close()
  local lines = pages.lines(text)
  if text == "" then lines = {} end
  return tonumber(status), lines
end

-- A block without a name is a file in the folder while it runs, so that it finds the page's files.
function Folder:run_as(name, text, command)
  self.dir:write(name, text)
  local status, lines = self:shell(command:format(name))
  os.remove(self.dir:file(name))
  return status, lines
end

local RUN = {
  lua = { "script.lua", "ensemble-lua --progress none %s" },
  python = { "script.py", "python3 %s" },
  r = { "script.R", "Rscript --vanilla %s" },
  sh = { ".script.sh", "bash -e %s" },
  sql = { ".script.sql", "bash -c 'exec sqlite3 *.db <%s'" },
}
local CHECK = {
  c = { ".check.c", "cc -std=c11 -Wall -fsyntax-only %s" },
  cpp = { ".check.cpp", "g++ -std=c++17 -Wall -fsyntax-only %s" },
  fortran = { ".check.f90", "gfortran -fsyntax-only %s" },
  json = { ".check.json", "python3 -m json.tool %s /dev/null" },
}

--- Does a step. Returns the exit status and the printed lines; for a step that does not run, 0 and no lines.
function Folder:take(step)
  if step.kind == "file" then
    self.dir:write(step.file, step.text)
    return 0, {}
  elseif step.kind == "setup" then
    return self:run_as(".setup.sh", step.text .. "\n", "bash -e %s")
  end
  local row = (step.kind == "run" and RUN or CHECK)[step.language]
  return self:run_as(row[1], step.text, row[2])
end

return folder
