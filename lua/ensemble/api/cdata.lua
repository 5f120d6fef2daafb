-- Arrays under LuaJIT: a cdata whose elements compiled code reads directly, at the cost of a C array. Everything else
-- (a sub-array, a method, a mistake) goes to the C code that serves Lua 5.4.

local ffi = require "ffi"

-- The same struct as in src/script/value/array.c. Fields and methods share one name space, hence the prefix.
ffi.cdef [[
struct ensemble_array {
  const uintptr_t ensemble_tag;
  void *const ensemble_handle;
  double *const ensemble_data;
  const double ensemble_length, ensemble_stride, ensemble_columns, ensemble_columns_stride;
  const int32_t ensemble_rank;
  const bool ensemble_is_work;
};
]]

local is_array = ffi.istype
local array_type = ffi.typeof "struct ensemble_array"

-- methods: those of all arrays, by name; this changes the table. metamethods: those written in C. Returns a function
-- that makes an empty array, which C fills.
return function(methods, metamethods)
  local index_other, write_other = metamethods.__index, metamethods.__newindex
  local at_other, set_other = methods.at, methods.set

  -- These are tail calls, so that an error names the line of the user.
  local function index(a, i)
    if type(i) == "number" then
      if a.ensemble_rank == 1 and i >= 1 and i <= a.ensemble_length and i % 1 == 0 then
        if a.ensemble_stride == 1 then return a.ensemble_data[i - 1] end
        return a.ensemble_data[(i - 1) * a.ensemble_stride]
      end
    else
      local method = methods[i]
      if method then return method end
    end
    return index_other(a, i)
  end

  local function write(a, i, x)
    if type(i) == "number" and type(x) == "number" and a.ensemble_is_work and a.ensemble_rank == 1 and i >= 1
      and i <= a.ensemble_length and i % 1 == 0 then
      a.ensemble_data[(i - 1) * a.ensemble_stride] = x
      return
    end
    return write_other(a, i, x)
  end

  local function is_place(a, i, j)
    return is_array(array_type, a) and a.ensemble_rank == 2 and type(i) == "number" and type(j) == "number"
      and i >= 1 and i <= a.ensemble_length and i % 1 == 0 and j >= 1 and j <= a.ensemble_columns and j % 1 == 0
  end

  function methods.at(a, ...)
    local i, j = ...
    if select("#", ...) == 2 and is_place(a, i, j) then
      return a.ensemble_data[(i - 1) * a.ensemble_stride + (j - 1) * a.ensemble_columns_stride]
    end
    return at_other(a, ...)
  end

  function methods.set(a, ...)
    local i, j, x = ...
    if select("#", ...) == 3 and is_place(a, i, j) and a.ensemble_is_work and type(x) == "number" then
      a.ensemble_data[(i - 1) * a.ensemble_stride + (j - 1) * a.ensemble_columns_stride] = x
      return
    end
    return set_other(a, ...)
  end

  local function length(a) return a.ensemble_length end

  local function next_element(a, i)
    if i < a.ensemble_length then return i + 1, a[i + 1] end
    return nil
  end

  return ffi.metatype(array_type, {
    __index = index,
    __newindex = write,
    __len = length,
    __ipairs = function(a) return next_element, a, 0 end,
    __tostring = metamethods.__tostring,
    __gc = metamethods.__gc,
  })
end
