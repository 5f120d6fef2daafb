-- The prompt: reads statements and expressions from the terminal, runs them, and prints the values of expressions. It
-- has no line editing and knows no samplers.

local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local prompt = {}

-- An unfinished statement has its error at the end of the text; the messages of both engines say so.
local function is_unfinished(message)
  return message ~= nil and message:find("<eof>", 1, true) ~= nil
end

-- The user's own prompts, as in lua.
local function text_of(name, default)
  local value = rawget(_G, name)
  return value ~= nil and tostring(value) or default
end

local function read_line(text)
  io.write(text)
  io.stdout:flush()
  return io.read()
end

-- A function for the text: an expression, whose values are printed, or statements. nil and a message for other text.
local function compile(text)
  text = text:gsub("^%s*=", "return ", 1)
  local expression = load("return " .. text, "=stdin", "t")
  if expression then return expression end
  return load(text, "=stdin", "t")
end

-- Reads lines until the statement is complete; nil at the end of the input.
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

-- Runs until the end of the input. It reports an error and continues.
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
