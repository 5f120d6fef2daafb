-- Under LuaJIT: pointers of ffi to C functions of the bare type, which workers call without Lua. ffi compares function
-- types by size only, so this file compares them by ffi's own description of the types.

local bit = require "bit"
local ffi = require "ffi"

local cpointer = {}

-- The collector unloads a library that nobody holds, and its functions with it. So each state keeps all libraries that
-- it loads.
local load, kept = ffi.load, {}

function ffi.load(...)
  local fine, library = pcall(load, ...)
  if not fine then error(library, 2) end
  kept[#kept + 1] = library
  return library
end

local TYPE = "double (*)(const double *, size_t, void *)"
local wanted = ffi.typeof(TYPE)

-- Fields of ffi's description of a type: the kind in the upper 4 bits of `info`, flags, and in the lower 16 the number
-- of the type that it is made of.
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

-- The signature as a calling convention sees it, as "f8(*f8,u8,*v)", without names and qualifiers.
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

-- The signature of a pointer to a function, or of a function from a library's name space.
local function signature_of(ctype)
  return (signature(tonumber(ctype)):gsub("^%*", ""))
end

-- The address of a function of the bare type, as a number; or nil and the complaint, which follows the name of the
-- value.
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
