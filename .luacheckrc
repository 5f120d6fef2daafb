-- Our Lua runs under Lua 5.4 and LuaJIT: the common subset, and what is looked for before it is used.
std = "min"
max_line_length = 120
read_globals = {
  "jit", "unpack", "loadstring", "setfenv",
  math = { fields = { "tointeger", "type" } },
  table = { fields = { "unpack", "pack" } },
}
files["tests/spec"].std = "min+busted"
files["models"].read_globals = { "ensemble" }
