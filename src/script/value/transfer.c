#include "script/value/transfer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/library.h"
#include "script/lib/array_lib.h"
#include "script/model/cfunction.h"
#include "script/state/bytecode.h"

static const char names_key = 0, values_key = 0; /* registry: value -> name, name -> value */
static const int most_depth = 180;               /* below LUAI_MAXCCALLS, with room for the user's own stack */
enum { MAX_PATH_BYTES = 256 };

void ens_parcel_free(ens_parcel *parcel) {
  for (size_t i = 0; i < parcel->narrays; i++) ens_array_release(parcel->array[i]);
  free(parcel->array);
  free(parcel->address);
  free(parcel->bytes);
  *parcel = (ens_parcel){0};
}

/* ---- what every state has ---- */

/* Marks the value on top under `name`; pops it. It is found by each of its names, for another state may have met it by
 * another; it goes by the first in the alphabet, for tables are walked in an order that differs from state to state. */
static void mark(lua_State *L, int names, int values, const char *name) {
  int type = lua_type(L, -1);
  bool reference = type == LUA_TFUNCTION || type == LUA_TTABLE || type == LUA_TUSERDATA || type > LUA_TTHREAD;
  lua_pushvalue(L, -1);
  lua_rawget(L, names);
  if (reference && (lua_isnil(L, -1) || strcmp(name, lua_tostring(L, -1)) < 0)) {
    lua_pushvalue(L, -2);
    lua_pushstring(L, name);
    lua_rawset(L, names);
  }
  lua_pop(L, 1);
  lua_pushstring(L, name);
  lua_insert(L, -2);
  lua_rawset(L, values);
}

/* The fields of the table on top, one level deep, as "module.field". */
static void mark_fields(lua_State *L, int names, int values, const char *module) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      const char *name = lua_pushfstring(L, "%s.%s", module, lua_tostring(L, -2));
      lua_insert(L, -2);
      mark(L, names, values, name);
    }
    lua_pop(L, 1);
  }
}

void ens_transfer_mark(lua_State *L) {
  lua_newtable(L);
  lua_newtable(L);
  int values = lua_gettop(L), names = values - 1;
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    const char *module = lua_tostring(L, -2);
    lua_pushvalue(L, -1);
    mark(L, names, values, module);
    if (lua_istable(L, -1)) mark_fields(L, names, values, module);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
}

/* ---- encoding ---- */

typedef struct encoder {
  lua_State *L;
  ens_parcel *out;
  ens_error *error;
  bool strip;
  int names, loaded, seen; /* stack: value -> name, package.loaded, object or upvalue -> number */
  uint32_t nobjects;
  int depth;
  char path[MAX_PATH_BYTES]; /* how the present value was reached */
} encoder;

static ens_status put(encoder *e, const void *bytes, size_t size) {
  ens_parcel *out = e->out;
  if (size > out->capacity - out->size) {
    size_t capacity = out->capacity * 2 + size + 256;
    char *grown = realloc(out->bytes, capacity);
    if (!grown) return ens_error_memory(e->error);
    out->bytes = grown;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->size, bytes, size);
  out->size += size;
  return ENS_OK;
}
static ens_status put_tag(encoder *e, char tag) {
  return put(e, &tag, 1);
}
static ens_status put_number(encoder *e, char tag, uint64_t number) {
  ens_status status = put_tag(e, tag);
  return status ? status : put(e, &number, sizeof number);
}
static ens_status put_string(encoder *e, char tag, const char *text, size_t length) {
  ens_status status = put_number(e, tag, length);
  return status ? status : put(e, text, length);
}

/* The name of a userdata's or an object's type, or the plain type. */
static const char *kind_of(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TFUNCTION) return "C function";
  if (type == LUA_TTHREAD) return "coroutine";
  if (type == LUA_TUSERDATA && luaL_testudata(L, index, LUA_FILEHANDLE)) return "file handle";
  if (!luaL_getmetafield(L, index, "__name")) return lua_typename(L, type);
  const char *name = lua_tostring(L, -1); /* lives on in the metatable */
  lua_pop(L, 1);
  return name ? name : lua_typename(L, type);
}

static ens_status refuse(encoder *e, int index) {
  const char *kind = kind_of(e->L, index);
  return ens_error_set(e->error, ENS_CONFIG,
                       "%s is a %s, which cannot be copied into the workers: numbers, strings, booleans, tables, Lua "
                       "functions and ensemble's arrays can; make it inside the model or its setup",
                       e->path, kind);
}

/* Appends to the path; the caller restores the length that it had. */
static void enter(encoder *e, const char *format, const char *name) {
  size_t length = strlen(e->path);
  snprintf(e->path + length, sizeof e->path - length, format, name);
}

static ens_status encode(encoder *e, int index);

/* True and the number, when the object was met before; else it gets the next number. */
static bool seen_before(encoder *e, const void *identity, uint32_t *number) {
  lua_rawgetp(e->L, e->seen, identity);
  bool seen = !lua_isnil(e->L, -1);
  if (seen) *number = (uint32_t)lua_tonumber(e->L, -1);
  lua_pop(e->L, 1);
  if (seen) return true;
  *number = e->nobjects++;
  lua_pushnumber(e->L, *number);
  lua_rawsetp(e->L, e->seen, identity);
  return false;
}

static int key_rank(lua_State *L, int index) {
  int type = lua_type(L, index);
  return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

/* The strings at 1 and 2 as bytes, also those behind a NUL. */
static bool text_less(lua_State *L) {
  size_t m, n;
  const char *a = lua_tolstring(L, 1, &m), *b = lua_tolstring(L, 2, &n);
  int order = memcmp(a, b, m < n ? m : n);
  return order ? order < 0 : m < n;
}

/* Lua function for table.sort: numbers, then strings, then the rest as it comes. */
static int key_less(lua_State *L) {
  int a = key_rank(L, 1), b = key_rank(L, 2);
  bool less = a < b;
  if (a == b && a == 0) less = lua_tonumber(L, 1) < lua_tonumber(L, 2);
  if (a == b && a == 1) less = text_less(L);
  lua_pushboolean(L, less);
  return 1;
}

/* Pushes the sorted list of the keys of the table at `index`; returns their number. */
static size_t push_sorted_keys(lua_State *L, int index) {
  size_t n = 0;
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_remove(L, -2);
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, (int)++n);
  }
  lua_pushvalue(L, -1);
  lua_insert(L, -3);
  lua_pushcfunction(L, key_less);
  lua_call(L, 2, 0);
  return n;
}

static void enter_key(encoder *e, int index) {
  if (lua_type(e->L, index) == LUA_TSTRING) {
    enter(e, ".%s", lua_tostring(e->L, index));
  } else if (lua_type(e->L, index) == LUA_TNUMBER) {
    lua_pushvalue(e->L, index);
    enter(e, "[%s]", lua_tostring(e->L, -1));
    lua_pop(e->L, 1);
  } else {
    enter(e, "[%s]", luaL_typename(e->L, index));
  }
}

static ens_status encode_pair(encoder *e, int table, int key) {
  size_t length = strlen(e->path);
  enter_key(e, key);
  ens_status status = encode(e, key);
  lua_pushvalue(e->L, key);
  lua_rawget(e->L, table);
  if (!status) status = encode(e, lua_gettop(e->L));
  lua_pop(e->L, 1);
  e->path[length] = '\0';
  return status;
}

static ens_status encode_table(encoder *e, int index) {
  lua_State *L = e->L;
  size_t n = push_sorted_keys(L, index);
  int keys = lua_gettop(L);
  ens_status status = put_number(e, 't', n);
  for (size_t i = 1; !status && i <= n; i++) {
    lua_rawgeti(L, keys, (int)i);
    status = encode_pair(e, index, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (!status) {
    if (!lua_getmetatable(L, index)) lua_pushnil(L);
    size_t length = strlen(e->path);
    enter(e, "%s", "'s metatable");
    status = encode(e, lua_gettop(L));
    e->path[length] = '\0';
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return status;
}

static int append(lua_State *L, const void *bytes, size_t size, void *context) {
  (void)L;
  return put(context, bytes, size) != ENS_OK;
}

static ens_status encode_code(encoder *e, int index) {
  ens_status status = put_number(e, 'f', 0);
  size_t begin = e->out->size;
  lua_pushvalue(e->L, index);
  int failed = status ? 1 : ens_compat_dump(e->L, append, e, e->strip);
  lua_pop(e->L, 1);
  if (failed) return e->error && e->error->status ? e->error->status : refuse(e, index);
  uint64_t size = e->out->size - begin;
  if (e->strip) size = ens_bytecode_clear_lines(e->out->bytes + begin, size);
  e->out->size = begin + size;
  memcpy(e->out->bytes + begin - sizeof size, &size, sizeof size);
  return ENS_OK;
}

static ens_status encode_function(encoder *e, int index) {
  lua_State *L = e->L;
  if (lua_iscfunction(L, index)) return refuse(e, index);
  ens_status status = encode_code(e, index);
  const char *name;
  for (int i = 1; !status && (name = lua_getupvalue(L, index, i)); i++) {
    uint32_t number;
    bool seen = seen_before(e, lua_upvalueid(L, index, i), &number);
    status = put_number(e, seen ? 'r' : 'u', number);
    size_t length = strlen(e->path);
    enter(e, ": captured variable '%s'", *name ? name : "?");
    if (!seen && !status) status = encode(e, lua_gettop(L));
    e->path[length] = '\0';
    lua_pop(L, 1);
  }
  return status ? status : put_tag(e, 'e');
}

/* What every state has, by name. False: it is not such a thing. */
static bool encode_known(encoder *e, int index, ens_status *status) {
  lua_State *L = e->L;
  ens_push_globals(L);
  bool globals = lua_rawequal(L, -1, index);
  lua_pop(L, 1);
  if (globals) {
    *status = put_tag(e, 'G');
    return true;
  }
  lua_pushvalue(L, index);
  lua_rawget(L, e->names);
  size_t length;
  const char *name = lua_tolstring(L, -1, &length);
  if (name) *status = put_string(e, 'p', name, length);
  lua_pop(L, 1);
  return name != NULL;
}

/* A table that require made: the worker requires it too. */
static bool encode_module(encoder *e, int index, ens_status *status) {
  lua_State *L = e->L;
  const char *name = NULL; /* of several the first in the alphabet; package.loaded holds it */
  lua_pushnil(L);
  while (lua_next(L, e->loaded)) {
    if (lua_rawequal(L, -1, index) && lua_type(L, -2) == LUA_TSTRING &&
        (!name || strcmp(lua_tostring(L, -2), name) < 0))
      name = lua_tostring(L, -2);
    lua_pop(L, 1);
  }
  if (name) *status = put_string(e, 'm', name, strlen(name));
  return name != NULL;
}

/* What may be written to belongs to one state: a copy goes, and each state makes its own of it. */
static ens_status encode_array(encoder *e, const ens_array *array, bool is_work) {
  ens_parcel *out = e->out;
  if (out->narrays == out->array_capacity) {
    size_t capacity = out->array_capacity * 2 + 8;
    ens_array **grown = realloc(out->array, capacity * sizeof *grown);
    if (!grown) return ens_error_memory(e->error);
    out->array = grown;
    out->array_capacity = capacity;
  }
  ens_array *own = is_work ? ens_array_copy(array) : ens_array_retain(array);
  if (!own) return ens_error_memory(e->error);
  out->array[out->narrays] = own;
  return put_number(e, is_work ? 'w' : 'a', out->narrays++);
}

/* The address was put last. */
static ens_status note_address(encoder *e) {
  ens_parcel *out = e->out;
  if (out->naddresses == out->address_capacity) {
    size_t capacity = out->address_capacity * 2 + 8;
    size_t *grown = realloc(out->address, capacity * sizeof *grown);
    if (!grown) return ens_error_memory(e->error);
    out->address = grown;
    out->address_capacity = capacity;
  }
  out->address[out->naddresses++] = out->size - sizeof(uint64_t);
  return ENS_OK;
}

/* By its address, for libraries stay where they are while the process lives; in fingerprints by what it is. */
static ens_status encode_cfunction(encoder *e, char tag, void *address, const char *name) {
  char fingerprint[64];
  if (!e->strip) {
    ens_status status = put_number(e, tag, (uint64_t)(uintptr_t)address);
    if (!status) status = note_address(e);
    return status ? status : put_string(e, 's', name, strlen(name));
  }
  ens_cfunction_fingerprint(address, fingerprint);
  return put_string(e, tag, fingerprint, strlen(fingerprint));
}

/* A function of a library, ensemble.cfunction's or one of ffi's. False: it is neither. */
static bool encode_native(encoder *e, int index, ens_status *status) {
  const ens_cfunction *self = ens_cfunction_test(e->L, index);
  void *address = NULL;
  if (self) {
    memcpy(&address, &self->function, sizeof address);
    *status = encode_cfunction(e, 'c', address, self->name);
  } else if (lua_type(e->L, index) > LUA_TTHREAD) {
    int top = lua_gettop(e->L);
    size_t offset;
    address = ens_cfunction_address(e->L, index);
    if (address && !ens_library_of(address, &offset)) lua_pushstring(e->L, ens_cfunction_no_library), address = NULL;
    *status = address ? encode_cfunction(e, 'C', address, "")
                      : ens_error_set(e->error, ENS_CONFIG, "%s %s", e->path, lua_tostring(e->L, -1));
    lua_settop(e->L, top);
    return true;
  }
  return self != NULL;
}

static ens_status encode_object(encoder *e, int index) {
  ens_status status = ENS_OK;
  int type = lua_type(e->L, index);
  if (encode_known(e, index, &status)) return status;
  if (type == LUA_TTABLE && encode_module(e, index, &status)) return status;
  const ens_array *array = ens_array_test(e->L, index);
  if (!array && encode_native(e, index, &status)) return status;
  if (!array && type != LUA_TTABLE && type != LUA_TFUNCTION) return refuse(e, index);
  if (type == LUA_TTABLE && strcmp(kind_of(e->L, index), "sampler") == 0) return refuse(e, index);
  uint32_t number;
  if (seen_before(e, lua_topointer(e->L, index), &number)) return put_number(e, 'o', number);
  if (array) return encode_array(e, array, ens_array_is_work(e->L, index));
  return type == LUA_TTABLE ? encode_table(e, index) : encode_function(e, index);
}

static ens_status encode_scalar(encoder *e, int index) {
  lua_State *L = e->L;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return put_tag(e, 'N');
    case LUA_TBOOLEAN:
      return put_tag(e, lua_toboolean(L, index) ? 'T' : 'F');
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      return put_string(e, 's', text, length);
    }
    default: {
      uint64_t bits;
      lua_Number number = lua_tonumber(L, index);
      memcpy(&bits, &number, sizeof bits);
      return ens_is_int64(L, index) ? put_number(e, 'i', (uint64_t)lua_tointeger(L, index)) : put_number(e, 'd', bits);
    }
  }
}

static ens_status encode(encoder *e, int index) {
  int type = lua_type(e->L, index);
  if (type <= LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) {
    if (type != LUA_TLIGHTUSERDATA) return encode_scalar(e, index);
  }
  if (e->depth == most_depth || !lua_checkstack(e->L, 20))
    return ens_error_set(e->error, ENS_CONFIG, "%s is nested more than %d levels deep", e->path, most_depth);
  e->depth++;
  ens_status status = encode_object(e, index);
  e->depth--;
  return status;
}

static encoder start_encoder(lua_State *L, const char *what, bool strip, ens_parcel *out, ens_error *error) {
  encoder e = {.L = L, .out = out, .error = error, .strip = strip};
  luaL_checkstack(L, 20, "encoding a value");
  snprintf(e.path, sizeof e.path, "%s", what);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_remove(L, -2);
  lua_newtable(L);
  e.seen = lua_gettop(L);
  e.loaded = e.seen - 1;
  e.names = e.seen - 2;
  return e;
}

ens_status ens_transfer_encode(lua_State *L, int index, const char *what, bool strip, ens_parcel *out,
                               ens_error *error) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  *out = (ens_parcel){0};
  encoder e = start_encoder(L, what, strip, out, error);
  ens_status status = encode(&e, index);
  lua_settop(L, top);
  if (status) ens_parcel_free(out);
  return status;
}

/* Takes the numbers from `first` on back: what they stood for is not in the parcel. */
static void forget_from(encoder *e, uint32_t first) {
  lua_State *L = e->L;
  lua_pushnil(L);
  while (lua_next(L, e->seen)) {
    bool later = lua_tonumber(L, -1) >= first;
    lua_pop(L, 1);
    if (!later) continue;
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, e->seen);
  }
  e->nobjects = first;
}

/* A global of the script's own, if it is one and can be copied, into the parcel; else the reason why it cannot. */
static ens_status encode_global(encoder *e, int globals, int key) {
  lua_State *L = e->L;
  size_t size = e->out->size, narrays = e->out->narrays;
  uint32_t nobjects = e->nobjects;
  ens_error reason = ENS_ERROR_NONE, *outer = e->error;
  snprintf(e->path, sizeof e->path, "the script's global '%s'", lua_tostring(L, key));
  ens_status status = encode_scalar(e, key);
  lua_pushvalue(L, key);
  lua_rawget(L, globals);
  e->error = &reason;
  if (!status) status = encode(e, lua_gettop(L));
  e->error = outer;
  lua_pop(L, 1);
  if (status == ENS_CONFIG) {
    e->out->size = size;
    while (e->out->naddresses && e->out->address[e->out->naddresses - 1] >= size) e->out->naddresses--;
    while (e->out->narrays > narrays) ens_array_release(e->out->array[--e->out->narrays]);
    forget_from(e, nobjects);
    status = encode_scalar(e, key);
    if (!status) status = put_string(e, '!', ens_error_text(&reason), strlen(ens_error_text(&reason)));
  }
  ens_error_clear(&reason);
  return status;
}

/* Not what every state has under that name; a library's function under another name is the user's. */
static bool is_users_global(encoder *e, int key, int value) {
  lua_State *L = e->L;
  if (lua_type(L, key) != LUA_TSTRING) return false;
  const char *name = lua_tostring(L, key);
  if (strcmp(name, "arg") == 0 || strcmp(name, "_VERSION") == 0 || strcmp(name, "_G") == 0) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key);
  lua_pushfstring(L, "_G.%s", name);
  lua_rawget(L, -2);
  bool known = lua_rawequal(L, -1, value);
  lua_pop(L, 2);
  return !known;
}

/* Pairs of name and value or reason; nil ends them. */
static ens_status encode_globals(encoder *e) {
  lua_State *L = e->L;
  ens_push_globals(L);
  int globals = lua_gettop(L);
  size_t n = push_sorted_keys(L, globals);
  int keys = lua_gettop(L);
  ens_status status = ENS_OK;
  for (size_t i = 1; !status && i <= n; i++) {
    lua_rawgeti(L, keys, (int)i);
    lua_pushvalue(L, -1);
    lua_rawget(L, globals);
    if (is_users_global(e, keys + 1, keys + 2)) status = encode_global(e, globals, keys + 1);
    lua_settop(L, keys);
  }
  lua_settop(L, globals - 1);
  return status ? status : put_tag(e, 'N');
}

/* Whether the global is the user's, is not in yet and is named by a function in the parcel. */
static bool is_named(encoder *e, int key, int value, int done) {
  lua_State *L = e->L;
  if (!is_users_global(e, key, value)) return false;
  size_t length;
  const char *name = lua_tolstring(L, key, &length);
  lua_pushvalue(L, key);
  lua_rawget(L, done);
  bool is_in = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return !is_in && ens_bytecode_has_name(e->out->bytes, e->out->size, name, length);
}

/* One round over the globals. True: some were added, which may name others; `done` has the names of all that were. */
static bool add_named_globals(encoder *e, int globals, int done, ens_status *status) {
  lua_State *L = e->L;
  size_t n = push_sorted_keys(L, globals);
  int keys = lua_gettop(L);
  bool added = false;
  for (size_t i = 1; !*status && i <= n; i++) {
    lua_rawgeti(L, keys, (int)i);
    lua_pushvalue(L, -1);
    lua_rawget(L, globals);
    if (is_named(e, keys + 1, keys + 2, done)) {
      *status = encode_global(e, globals, keys + 1);
      lua_pushvalue(L, keys + 1);
      lua_pushboolean(L, 1);
      lua_rawset(L, done);
      added = true;
    }
    lua_settop(L, keys);
  }
  lua_settop(L, keys - 1);
  return added && !*status;
}

ens_status ens_transfer_encode_meaning(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  *out = (ens_parcel){0};
  encoder e = start_encoder(L, what, true, out, error);
  ens_status status = encode(&e, index);
  ens_push_globals(L);
  lua_newtable(L);
  int done = lua_gettop(L);
  while (!status && add_named_globals(&e, done - 1, done, &status)) continue;
  lua_settop(L, top);
  if (status) ens_parcel_free(out);
  return status;
}

ens_status ens_transfer_encode_with_globals(lua_State *L, int index, const char *what, ens_parcel *out,
                                            ens_error *error) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  *out = (ens_parcel){0};
  encoder e = start_encoder(L, what, false, out, error);
  ens_status status = encode_globals(&e);
  snprintf(e.path, sizeof e.path, "%s", what);
  if (!status) status = encode(&e, index);
  lua_settop(L, top);
  if (status) ens_parcel_free(out);
  return status;
}

/* ---- decoding: the bytes are our own, so only memory can fail, as a Lua error ---- */

typedef struct decoder {
  lua_State *L;
  const ens_parcel *parcel;
  size_t at;
  int objects, owners, slots; /* stack: number -> object; upvalue number -> function, -> its index there */
  uint32_t nobjects;
} decoder;

static uint64_t take_number(decoder *d) {
  uint64_t number;
  memcpy(&number, d->parcel->bytes + d->at, sizeof number);
  d->at += sizeof number;
  return number;
}

static const char *take_bytes(decoder *d, size_t *size) {
  *size = (size_t)take_number(d);
  const char *bytes = d->parcel->bytes + d->at;
  d->at += *size;
  return bytes;
}

static void decode(decoder *d);

/* The value on top is object number so-and-so. */
static void remember(decoder *d) {
  lua_pushvalue(d->L, -1);
  lua_rawseti(d->L, d->objects, (int)++d->nobjects);
}

static void decode_table(decoder *d) {
  lua_State *L = d->L;
  uint64_t n = take_number(d);
  lua_newtable(L);
  remember(d);
  for (uint64_t i = 0; i < n; i++) {
    decode(d);
    decode(d);
    lua_rawset(L, -3);
  }
  decode(d);
  lua_setmetatable(L, -2);
}

/* The function is on top: its next upvalues. Whoever meets a shared one first makes it, the others join. */
static void decode_upvalues(decoder *d) {
  lua_State *L = d->L;
  int function = lua_gettop(L);
  for (int i = 1;; i++) {
    char tag = d->parcel->bytes[d->at++];
    if (tag == 'e') return;
    int number = (int)take_number(d) + 1;
    if (tag == 'u') {
      d->nobjects++;
      lua_pushvalue(L, function);
      lua_rawseti(L, d->owners, number);
      lua_pushinteger(L, i);
      lua_rawseti(L, d->slots, number);
      decode(d);
      lua_setupvalue(L, function, i);
    } else {
      lua_rawgeti(L, d->owners, number);
      lua_rawgeti(L, d->slots, number);
      lua_upvaluejoin(L, function, i, lua_gettop(L) - 1, (int)lua_tointeger(L, -1));
      lua_pop(L, 2);
    }
  }
}

static void decode_function(decoder *d) {
  size_t size;
  const char *code = take_bytes(d, &size);
  if (luaL_loadbuffer(d->L, code, size, "=function")) lua_error(d->L);
  remember(d);
  decode_upvalues(d);
}

static void decode_known(decoder *d) {
  size_t size;
  const char *name = take_bytes(d, &size);
  lua_rawgetp(d->L, LUA_REGISTRYINDEX, &values_key);
  lua_pushlstring(d->L, name, size);
  lua_rawget(d->L, -2);
  lua_remove(d->L, -2);
  if (!lua_isnil(d->L, -1)) return;
  lua_pushlstring(d->L, name, size);
  luaL_error(d->L, "'%s' is not available inside a model", lua_tostring(d->L, -1));
}

static void decode_module(decoder *d) {
  size_t size;
  const char *name = take_bytes(d, &size);
  lua_getglobal(d->L, "require");
  lua_pushlstring(d->L, name, size);
  lua_call(d->L, 1, 1);
}

static void decode_array(decoder *d) {
  ens_array_push(d->L, d->parcel->array[take_number(d)]);
  remember(d);
}

static void decode_cfunction(decoder *d, char tag) {
  void *address = (void *)(uintptr_t)take_number(d);
  size_t size;
  d->at++; /* the text's tag */
  const char *bytes = take_bytes(d, &size);
  if (tag == 'C') {
    ens_cfunction_push_pointer(d->L, address);
    return;
  }
  lua_pushlstring(d->L, bytes, size);
  ens_cfunction_push(d->L, address, lua_tostring(d->L, -1));
  lua_remove(d->L, -2);
}

static void decode_work(decoder *d) {
  ens_array_push_work(d->L, ens_array_copy(d->parcel->array[take_number(d)]));
  remember(d);
}

static void push_double(lua_State *L, uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  lua_pushnumber(L, number);
}

static void decode(decoder *d) {
  lua_State *L = d->L;
  luaL_checkstack(L, 20, "decoding a value");
  size_t size;
  const char *text;
  switch (d->parcel->bytes[d->at++]) {
    case 'N':
      lua_pushnil(L);
      break;
    case 'T':
      lua_pushboolean(L, 1);
      break;
    case 'F':
      lua_pushboolean(L, 0);
      break;
    case 'i':
      lua_pushinteger(L, (lua_Integer)take_number(d));
      break;
    case 'd':
      push_double(L, take_number(d));
      break;
    case 's':
      text = take_bytes(d, &size);
      lua_pushlstring(L, text, size);
      break;
    case 'G':
      ens_push_globals(L);
      break;
    case 'p':
      decode_known(d);
      break;
    case 'm':
      decode_module(d);
      break;
    case 'a':
      decode_array(d);
      break;
    case 'w':
      decode_work(d);
      break;
    case 'o':
      lua_rawgeti(L, d->objects, (int)take_number(d) + 1);
      break;
    case 't':
      decode_table(d);
      break;
    case 'f':
      decode_function(d);
      break;
    case 'c':
    case 'C':
      decode_cfunction(d, d->parcel->bytes[d->at - 1]);
      break;
    default:
      luaL_error(L, "unknown tag in a parcel"); /* never: the encoder writes no other */
  }
}

static decoder start_decoder(lua_State *L, const ens_parcel *parcel) {
  luaL_checkstack(L, 20, "decoding a value");
  for (int i = 0; i < 3; i++) lua_newtable(L);
  int top = lua_gettop(L);
  return (decoder){.L = L, .parcel = parcel, .objects = top - 2, .owners = top - 1, .slots = top};
}

void ens_transfer_decode(lua_State *L, const ens_parcel *parcel) {
  int top = lua_gettop(L);
  decoder d = start_decoder(L, parcel);
  decode(&d);
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
}

/* __index of the globals: a name that the script has but a worker cannot have tells why. */
static int missing_global(lua_State *L) {
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return luaL_error(L, "%s", lua_tostring(L, -1));
  return 1;
}

static void decode_globals(decoder *d) {
  lua_State *L = d->L;
  ens_push_globals(L);
  lua_newtable(L); /* of the globals */
  lua_newtable(L); /* name -> reason */
  int reasons = lua_gettop(L), metatable = reasons - 1, globals = reasons - 2;
  for (decode(d); !lua_isnil(L, -1); decode(d)) {
    bool refused = d->parcel->bytes[d->at] == '!';
    if (refused) {
      d->at++;
      size_t size;
      const char *reason = take_bytes(d, &size);
      lua_pushlstring(L, reason, size);
    } else {
      decode(d);
    }
    lua_rawset(L, refused ? reasons : globals);
  }
  lua_settop(L, reasons);
  lua_pushcclosure(L, missing_global, 1);
  lua_setfield(L, metatable, "__index");
  lua_setmetatable(L, globals);
  lua_settop(L, globals - 1);
}

void ens_transfer_decode_with_globals(lua_State *L, const ens_parcel *parcel) {
  int top = lua_gettop(L);
  decoder d = start_decoder(L, parcel);
  decode_globals(&d);
  decode(&d);
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
}
