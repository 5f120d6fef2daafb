-- Compiles shared libraries for specs with the C compiler that built the program.
local helper = require "tests.spec.helper"

local compile = {}
local built, count = {}, 0
local folder

-- Compiles tests/spec/native/`name`.c, or C source if `name` has a newline, with `flags`. Each library is compiled once
-- per spec file. Returns its path. `compiler`: a command for another language.
function compile.library(name, flags, compiler)
  folder = folder or helper.directory()
  local key = name .. "\0" .. (flags or "") .. "\0" .. (compiler or "")
  if built[key] then return built[key] end
  count = count + 1
  local path = folder:file(("lib%d.so"):format(count))
  local source = helper.root .. "/tests/spec/native/" .. name .. ".c"
  if name:find("\n", 1, true) then source = folder:write(("source%d.c"):format(count), name) end
  compiler = compiler or "${CC:-cc} -std=c11 -Wall -Wextra -Werror"
  local command = ("%s -O1 -shared -fPIC -I%s %s -o %s %s -lm"):format(compiler, helper.quote(helper.root .. "/src"),
    flags or "", helper.quote(path), helper.quote(source))
  local ok = os.execute(command)
  assert(ok == true or ok == 0, command)
  built[key] = path
  return path
end

-- Whether the shell finds a command.
function compile.has(command)
  local ok = os.execute(("command -v %s >/dev/null 2>&1"):format(command))
  return ok == true or ok == 0
end

return compile
