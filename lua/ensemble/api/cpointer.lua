-- Under LuaJIT: ffi's pointers to C functions of the bare type, which workers can call without Lua. ffi compares
-- functions by their size only; what they take and give, its reflection says.

local bit = require "bit"
local ffi = require "ffi"

local cpointer = {}

-- A library that nobody holds is unloaded by the collector, and its functions with it: a state keeps all that it loads.
local load, kept = ffi.load, {}

function ffi.load(...)
  local fine, library = pcall(load, ...)
  if not fine then error(library, 2) end
  kept[#kept + 1] = library
  return library
end

local TYPE = "double (*)(const double *, size_t, void *)"
local wanted = ffi.typeof(TYPE)

-- A type's information: its kind in the upper 4 bits, flags, the number of the type that it is made of in the lower 16.
local VOID, POINTER, FUNCTION, TYPEDEF, ATTRIBUTE, NUMBER, FIELD = 4, 2, 6, 7, 8, 0, 9
local FLOAT, UNSIGNED, VARARG = 0x04000000, 0x00800000, 0x00800000

local signature

local function arguments(field)
  local list = {}
  while field and field ~= 0 do
    local argument = ffi.typeinfo(field)
    if bit.rshift(argument.info, 28) ~= FIELD then return "?" end
    list[#list + 1] = signature(bit.band(argument.info, 0xffff))
    field = argument.sib
  end
  return table.concat(list, ",")
end

-- "f8(*f8,u8,*v)": the type as a calling convention sees it, without names and qualifiers.
function signature(id)
  local about = ffi.typeinfo(id)
  local kind, inner = bit.rshift(about.info, 28), bit.band(about.info, 0xffff)
  if kind == NUMBER then
    local letter = bit.band(about.info, FLOAT) ~= 0 and "f" or bit.band(about.info, UNSIGNED) ~= 0 and "u" or "i"
    return letter .. about.size
  elseif kind == VOID then
    return "v"
  elseif kind == POINTER then
    return "*" .. signature(inner)
  elseif kind == TYPEDEF or kind == ATTRIBUTE then
    return signature(inner)
  elseif kind == FUNCTION then
    local open = bit.band(about.info, VARARG) ~= 0 and "..." or ""
    return ("%s(%s%s)"):format(signature(inner), arguments(about.sib), open)
  end
  return "?"
end

-- Of a pointer to a function, or of a function as a library's namespace gives it.
local function signature_of(ctype)
  return (signature(tonumber(ctype)):gsub("^%*", ""))
end

-- The address of a value of the bare type as a number; nil and what is wrong with it, to follow its name.
function cpointer.address(value)
  local ctype = type(value) == "cdata" and ffi.typeof(value)
  if not ctype or signature_of(ctype) ~= signature_of(wanted) then
    return nil, ("is a cdata of type '%s': of C only a function of type %s can be called by the workers"):format(
      tostring(ctype):match("^ctype<(.*)>$") or tostring(ctype), TYPE)
  end
  local address = tonumber(ffi.cast("uintptr_t", ffi.cast("void *", value)))
  if address == 0 then return nil, "is a NULL pointer: give a C function" end
  return address
end

function cpointer.cast(address)
  return ffi.cast(wanted, ffi.cast("void *", address))
end

return cpointer
