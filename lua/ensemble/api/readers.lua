-- The readers of data files: ensemble.read_csv, read_npy, ... check their arguments and make tables of columns from the
-- core's results. The core knows the formats.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local data = require "ensemble.api.data"
local failure = require "ensemble.check.failure"
local frame = require "ensemble.api.frame"
local nearest = require "ensemble.check.nearest"

local readers = {}

local function check_path(reader, path)
  if type(path) == "string" then return end
  failure.config("%s: the path is %s: give the name of a file", reader, check.show(path))
end

-- The core's result: arrays and numbers unchanged, tables as frames.
local function build(value)
  if type(value) ~= "table" then return value end
  for _, name in ipairs(value.names) do value.values[name] = build(value.values[name]) end
  return frame.new(value.names, value.values, value.left_out, value.what)
end

-- The core's result, or an error. A bad file is an input error, not an error of the configuration.
local function finish(path, value, message)
  local built = build(failure.check(value, message, "io"))
  data.is_of_file(built, path)
  return built
end

local CSV = {
  { field = "delimiter", type = "string", value_text = "one character, like ',' or '\\t'" },
  { field = "comment", type = "string", value_text = "one character, like '#'" },
  { field = "header", type = "boolean" },
}

-- The columns of a text table: d.x, d:names(). Options: delimiter and comment (one character each), header (true: the
-- first line has names; false: it has numbers, and the columns are c1, c2, ...). The reader detects options that are
-- left out.
function readers.read_csv(path, given)
  check_path("read_csv", path)
  if given ~= nil and type(given) ~= "table" then
    failure.config("read_csv: the options are %s: give a table, like { delimiter = ';' }", check.show(given))
  end
  local values, message = check.fields(given or {}, CSV, "field")
  if not values then failure.raise("config", "read_csv: " .. message) end
  for _, field in ipairs { "delimiter", "comment" } do
    if values[field] and #values[field] ~= 1 then
      failure.config("read_csv: field '%s' is %s: give one character", field, check.show(values[field]))
    end
  end
  return finish(path, core.read_csv(path, values))
end

-- The array of a .npy file; a number if it has no axes; a table of columns if its type is structured.
function readers.read_npy(path)
  check_path("read_npy", path)
  return finish(path, core.read_npy(path))
end

-- The arrays of a .npz file by their names: d.x, d:names().
function readers.read_npz(path)
  check_path("read_npz", path)
  return finish(path, core.read_npz(path))
end

local MOST_NAMED = 20

-- Raises an error for a name that is not in the file; `there` is the core's list of those that are (name -> reason).
local function refuse_name(path, what, name, there)
  local names = {}
  for known in pairs(there) do names[#names + 1] = known end
  table.sort(names)
  local near = name and nearest.find(name, names)
  local advice = near and ("did you mean '%s'?"):format(near)
  if not advice then
    advice = ("the %ss are %s"):format(what, table.concat(names, ", ", 1, math.min(#names, MOST_NAMED)))
    if #names == 0 then advice = ("there are no %ss in the file"):format(what) end
    if #names > MOST_NAMED then advice = ("%s and %d more"):format(advice, #names - MOST_NAMED) end
  end
  local wrong = name and ("there is no %s '%s'"):format(what, name) or ("give the name of a %s"):format(what)
  failure.raise("io", ("%s: %s: %s"):format(path, wrong, advice))
end

-- A dataset of an HDF5 file by its path, as an array, a number or a table of columns; for a group, a table of all its
-- datasets.
function readers.read_hdf5(path, dataset)
  check_path("read_hdf5", path)
  if dataset ~= nil and type(dataset) ~= "string" then
    failure.config("read_hdf5: the dataset is %s: give its path in the file, like 'group/x'", check.show(dataset))
  end
  local value, found = core.read_hdf5(path, dataset)
  if found == false then refuse_name(path, "dataset", dataset, value.left_out) end
  return finish(path, value, found)
end

-- A table of a FITS file as a table of columns, or an image as an array: by the number of its HDU (the primary one is
-- 1), by its name, or the first table of the file.
function readers.read_fits(path, hdu)
  check_path("read_fits", path)
  local number = type(hdu) == "number" and hdu >= 1 and hdu == math.floor(hdu) and hdu < 2 ^ 31
  if hdu ~= nil and type(hdu) ~= "string" and not number then
    failure.config("read_fits: the HDU is %s: give its name, or its number from 1 on", check.show(hdu))
  end
  local value, found = core.read_fits(path, hdu)
  if found == false then refuse_name(path, "HDU", hdu and check.show(hdu):gsub("'", ""), value.left_out) end
  return finish(path, value, found)
end

return readers
