-- Loads and runs the user's code: a script, standard input, or code from the command line; and reports its errors. It
-- chooses the exit status of an error and knows no options.

local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local session = require "ensemble.api.session"

local script = {
  OK = 0, FAILED = 1, USAGE = 2, UNCONVERGED = 3, STOPPED = 75,
}

local STATUS = { config = script.USAGE, script = script.FAILED, model = script.FAILED, io = script.FAILED,
  memory = script.FAILED }

-- A first line that starts with # is for the shell. Its newline stays, so that the line numbers remain right.
local function without_shebang(text)
  text = text:gsub("^\239\187\191", "")
  return (text:gsub("^#[^\n]*", "", 1))
end

-- Compiles source text; compiled chunks are rejected, because they can crash the program. Returns the function, or nil
-- and a message.
function script.compile(text, chunkname)
  if text:byte(1) == 27 then
    return nil, chunkname:sub(2) .. " is a compiled chunk: only source text is run"
  end
  return load(text, chunkname, "t")
end

-- The text of a script file ("-" is standard input), or nil and a message. If the text from a store replaces the file,
-- that text.
function script.read(path)
  if path == "-" then return io.read("*a") end
  local text, message = core.read_text(path, "script")
  if text and text:sub(1, 15) == "SQLite format 3" then
    return nil, ("%s is a SQLite file, not a script: if it is a store, ensemble-lua info %s shows what is in it, and "
      .. "ensemble-lua resume %s resumes it"):format(path, path, path)
  end
  if text then return text end
  if message then return nil, "cannot read script " .. message end
  return nil, ("cannot open script %s: No such file or directory"):format(path)
end

local function text_of(value)
  if type(value) == "string" or type(value) == "number" then return tostring(value) end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__tostring then
    local ok, text = pcall(tostring, value)
    if ok then return text end
  end
  return ("(error object is a %s value)"):format(type(value))
end

-- The handler for xpcall: the error with its traceback.
local function catch(value)
  if failure.is_stop(value) then return { stop = true, text = value.text } end
  return { text = text_of(value), traceback = failure.trim(debug.traceback("", 2)) }
end

-- Prints an error on stderr and returns the exit status. After a stack overflow the engine may have had no room for the
-- handler; then there is a text only.
function script.report(caught)
  if type(caught) ~= "table" then caught = { text = text_of(caught) } end
  if caught.stop then
    if caught.text then session.note(caught.text) end
    return script.STOPPED
  end
  local kind = failure.kind(caught.text)
  session.note(caught.text)
  local is_ours = kind ~= nil and kind ~= "script" -- a configuration or a model: its own message has the place
  if caught.traceback and not is_ours then io.stderr:write(caught.traceback, "\n") end
  return STATUS[kind] or script.FAILED
end

-- Calls a function of the user. Returns the exit status, and the results of the function.
function script.call(f, ...)
  local function finish(ok, ...)
    if ok then return script.OK, ... end
    return script.report((...))
  end
  return finish(xpcall(f, catch, ...))
end

-- The field 'until' is a word of Lua.
local function advice(message)
  return message:find("near 'until'", 1, true) and ' (as the name of a field: ["until"] = { ... })' or ""
end

-- Compiles and runs a text. Returns the exit status and the results of the code. A syntax error is an error of the
-- script.
function script.run(text, chunkname, ...)
  local f, message = script.compile(without_shebang(text), chunkname)
  if not f then
    session.note(message .. advice(message))
    return script.FAILED
  end
  return script.call(f, ...)
end

-- `require` looks in the script's folder first.
local function extend_path(folder)
  if folder:find("[;?]") then return end -- these mean something else in package.path
  package.path = ("%s?.lua;%s?/init.lua;%s"):format(folder, folder, package.path)
end

-- Runs a text as the script file `name` ("stdin" for standard input). Returns the exit status.
function script.run_text(name, text, arguments)
  session.script.name, session.script.text = name, text
  failure.script = name
  if name ~= "stdin" then extend_path(name:match("^(.*/)[^/]*$") or "./") end
  return script.run(text, (name == "stdin" and "=" or "@") .. name, (table.unpack or unpack)(arguments))
end

-- Runs a script file with its arguments. Returns the exit status.
function script.run_file(path, arguments)
  local text, message = script.read(path)
  if not text then
    session.note(message or "cannot read standard input")
    return script.USAGE
  end
  return script.run_text(path == "-" and "stdin" or path, text, arguments)
end

-- Ends the program's work: shows results that nobody has read and closes the stores. Returns the exit status: `status`,
-- or a worse one if showing or closing fails.
function script.finish(status)
  if status == script.OK and not session.stopped then status = (script.call(session.show)) end
  local unconverged = next(session.unconverged) ~= nil
  local message = session.close()
  if message then
    session.note(message)
    if status == script.OK then status = script.FAILED end
  end
  if status == script.OK and session.stopped then
    session.note(session.stopped)
    status = script.STOPPED
  end
  if status == script.OK and unconverged then status = script.UNCONVERGED end
  return status
end

return script
