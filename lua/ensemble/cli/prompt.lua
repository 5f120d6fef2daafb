-- The prompt: reads statements and expressions from the terminal, runs them, prints what expressions give.
-- It knows no line editing, and nothing of samplers.

local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local prompt = {}

-- An unfinished statement fails at its end; both engines say so in the message.
local function is_unfinished(message)
  return message ~= nil and message:find("<eof>", 1, true) ~= nil
end

-- The user's own prompts, as lua has them.
local function text_of(name, default)
  local value = rawget(_G, name)
  return value ~= nil and tostring(value) or default
end

local function read_line(text)
  io.write(text)
  io.stdout:flush()
  return io.read()
end

-- A function for the text: as an expression, whose values are printed, or as statements. nil and a message otherwise.
local function compile(text)
  text = text:gsub("^%s*=", "return ", 1)
  local expression = load("return " .. text, "=stdin", "t")
  if expression then return expression end
  return load(text, "=stdin", "t")
end

-- Reads on until the statement is whole; nil at the end of input.
local function read_statement()
  local text = read_line(text_of("_PROMPT", "> "))
  if not text then return nil end
  while true do
    local f, message = compile(text)
    if f or not is_unfinished(message) then return f, message end
    local line = read_line(text_of("_PROMPT2", ">> "))
    if not line then return f, message end
    text = text .. "\n" .. line
  end
end

local function show(status, ...)
  if status == script.OK and select("#", ...) > 0 then print(...) end
end

-- Runs until the end of input. A failure is reported and the prompt goes on.
function prompt.run()
  while true do
    local f, message = read_statement()
    if f then
      show(script.call(f))
    elseif message then
      session.note(message)
    else
      break
    end
  end
  io.write("\n")
end

return prompt
