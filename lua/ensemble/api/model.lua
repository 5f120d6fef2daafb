-- Finds the model that a script names: a file beside the script, a file as given, an installed one, or a table. This
-- module reads the text; the core loads and checks it.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local native = require "ensemble.api.native"
local session = require "ensemble.api.session"

local model = {}

local function folder_of(path)
  return path and path:match("^(.*/)[^/]*$") or ""
end

-- The folders of the installed models; the core gives one or a list.
local function installed()
  local folders = core.models_dir
  if type(folders) == "string" then return { folders } end
  return folders or {}
end

-- The places of a path, in the order of the search, each once. The running script is never a model's file, even if it
-- has the model's name.
local function places(path)
  local script, list, seen = session.script.name, {}, {}
  local function add(place)
    if not seen[place] and place ~= script then
      seen[place] = true
      list[#list + 1] = place
    end
  end
  if path:sub(1, 1) == "/" then return { path } end
  add(folder_of(script) .. path)
  add(path)
  for _, folder in ipairs(installed()) do
    add(("%s/%s"):format(folder, (path:gsub("^models/", ""))))
  end
  return list
end

-- The text of a file; nil if there is none; nil and a message if it cannot be read.
local function read(path)
  return core.read_text(path, "model")
end

local function from_file(path)
  local list = places(path)
  for _, place in ipairs(list) do
    local text, message = read(place)
    if message then failure.config("field 'model': %s", message) end
    if text then return { kind = "file", path = place, text = text } end
  end
  failure.config("field 'model': there is no file '%s': tried %s", path, table.concat(list, ", "))
end

-- The core's description of the field `model`.
function model.describe(value)
  if type(value) == "string" and value ~= "" then return from_file(value) end
  if native.is(value) then return value end
  if type(value) == "table" then
    return { kind = "table", table = value, name = "inline model at " .. (failure.place() or "the prompt") }
  end
  failure.config("field 'model' is %s: give a path, like 'models/line.lua', or a table with parameters and log_prob",
    check.show(value))
end

return model
