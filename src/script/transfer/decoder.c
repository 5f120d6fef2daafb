/* A row for each tag: the function that reads its value and pushes it. Lengths and indices are checked before they
 * are used. */
#include "script/transfer/decoder.h"

#include <limits.h>
#include <string.h>

#include "script/transfer/known.h"
#include "script/value/array.h"
#include "script/value/cfunction.h"

/* What follows a tag. */
typedef enum payload { NOTHING, NUMBER, TEXT } payload;

/* The payload as read: of a text the number is its length. Bytes borrowed from the parcel. */
typedef struct piece {
  uint64_t number;
  const char *text;
} piece;

typedef struct row {
  payload payload;
  void (*push)(ens_decoder *d, const piece *p); /* pushes the value; NULL: the tag begins no value */
} row;

static const row *row_of(ens_tag tag);

/* ---- bytes ---- */

static void fail(const ens_decoder *d) {
  luaL_error(d->L, "a parcel of values is damaged at byte %d", (int)d->at);
}

static const char *take(ens_decoder *d, uint64_t size) {
  if (size > d->parcel->size - d->at) fail(d);
  const char *bytes = d->parcel->bytes + d->at;
  d->at += (size_t)size;
  return bytes;
}

static ens_tag take_tag(ens_decoder *d, piece *p) {
  ens_tag tag = (ens_tag)(unsigned char)*take(d, 1);
  payload follows = row_of(tag)->payload;
  *p = (piece){0};
  if (follows != NOTHING) memcpy(&p->number, take(d, sizeof p->number), sizeof p->number);
  if (follows == TEXT) p->text = take(d, p->number);
  return tag;
}

bool ens_decoder_is_next(const ens_decoder *d, ens_tag tag) {
  return d->at < d->parcel->size && (unsigned char)d->parcel->bytes[d->at] == (unsigned)tag;
}

/* ---- scalars ---- */

static void push_nil(ens_decoder *d, const piece *p) {
  (void)p;
  lua_pushnil(d->L);
}

static void push_true(ens_decoder *d, const piece *p) {
  (void)p;
  lua_pushboolean(d->L, 1);
}

static void push_false(ens_decoder *d, const piece *p) {
  (void)p;
  lua_pushboolean(d->L, 0);
}

static void push_integer(ens_decoder *d, const piece *p) {
  lua_pushinteger(d->L, (lua_Integer)p->number);
}

static void push_float(ens_decoder *d, const piece *p) {
  double number;
  memcpy(&number, &p->number, sizeof number);
  lua_pushnumber(d->L, number);
}

static void push_text(ens_decoder *d, const piece *p) {
  lua_pushlstring(d->L, p->text, (size_t)p->number);
}

/* ---- objects ---- */

/* Gives the next number to the object on top. */
static void remember(ens_decoder *d) {
  ENS_STACK(d->L, -0, +0);
  lua_pushvalue(d->L, -1);
  lua_rawseti(d->L, d->objects, (int)++d->nobjects);
}

static void push_object(ens_decoder *d, const piece *p) {
  if (p->number >= d->nobjects) fail(d);
  lua_rawgeti(d->L, d->objects, (int)p->number + 1);
}

static void push_globals(ens_decoder *d, const piece *p) {
  (void)p;
  ens_push_globals(d->L);
}

static void push_known(ens_decoder *d, const piece *p) {
  ens_known_push_value(d->L, p->text, (size_t)p->number);
  if (!lua_isnil(d->L, -1)) return;
  push_text(d, p);
  luaL_error(d->L, "'%s' is not available inside a model", lua_tostring(d->L, -1));
}

static void push_module(ens_decoder *d, const piece *p) {
  lua_getglobal(d->L, "require");
  push_text(d, p);
  lua_call(d->L, 1, 1);
}

static const ens_array *array_at(ens_decoder *d, const piece *p) {
  if (p->number >= d->parcel->narrays) fail(d);
  return d->parcel->array[p->number];
}

static void push_array(ens_decoder *d, const piece *p) {
  ens_array_push(d->L, array_at(d, p));
  remember(d);
}

static void push_work(ens_decoder *d, const piece *p) {
  ens_array_push_work(d->L, ens_array_copy(array_at(d, p)));
  remember(d);
}

/* Pushes the string that stands behind an address. */
static void push_name(ens_decoder *d) {
  piece name;
  if (take_tag(d, &name) != ENS_TAG_STRING) fail(d);
  push_text(d, &name);
}

static void push_cfunction(ens_decoder *d, const piece *p) {
  push_name(d);
  ens_cfunction_push(d->L, (void *)(uintptr_t)p->number, lua_tostring(d->L, -1));
  lua_remove(d->L, -2);
}

static void push_pointer(ens_decoder *d, const piece *p) {
  push_name(d);
  lua_pop(d->L, 1);
  ens_cfunction_push_pointer(d->L, (void *)(uintptr_t)p->number);
}

static void enter(ens_decoder *d) {
  if (d->depth == ENS_TAG_MOST_DEPTH) fail(d);
  d->depth++;
}

static void push_table(ens_decoder *d, const piece *p) {
  lua_State *L = d->L;
  enter(d);
  lua_newtable(L);
  remember(d);
  for (uint64_t i = 0; i < p->number; i++) {
    ens_decoder_push(d);
    if (lua_isnil(L, -1)) fail(d);
    ens_decoder_push(d);
    lua_rawset(L, -3);
  }
  ens_decoder_push(d);
  if (!lua_istable(L, -1) && !lua_isnil(L, -1)) fail(d);
  lua_setmetatable(L, -2);
  d->depth--;
}

/* ---- functions ---- */

/* The i-th captured variable of the function at `function` comes first here: it gets a number and its value. */
static void fill_variable(ens_decoder *d, int function, int i, int number) {
  lua_State *L = d->L;
  ENS_STACK(L, -0, +0);
  d->nobjects++;
  lua_pushvalue(L, function);
  lua_rawseti(L, d->owners, number);
  lua_pushinteger(L, i);
  lua_rawseti(L, d->slots, number);
  ens_decoder_push(d);
  lua_setupvalue(L, function, i);
}

/* It is the variable of that number, which another function captured first. */
static void join_variable(ens_decoder *d, int function, int i, int number) {
  lua_State *L = d->L;
  ENS_STACK(L, -0, +0);
  lua_rawgeti(L, d->owners, number);
  lua_rawgeti(L, d->slots, number);
  if (!lua_isfunction(L, -2)) fail(d);
  lua_upvaluejoin(L, function, i, lua_gettop(L) - 1, (int)lua_tointeger(L, -1));
  lua_pop(L, 2);
}

static bool has_variable(lua_State *L, int function, int i) {
  ENS_STACK(L, -0, +0);
  if (!lua_getupvalue(L, function, i)) return false;
  lua_pop(L, 1);
  return true;
}

static void take_variables(ens_decoder *d, int function) {
  ENS_STACK(d->L, -0, +0);
  piece p;
  for (int i = 1;; i++) {
    ens_tag tag = take_tag(d, &p);
    if (tag == ENS_TAG_END) return;
    if (p.number >= INT_MAX || !has_variable(d->L, function, i)) fail(d);
    if (tag == ENS_TAG_VARIABLE)
      fill_variable(d, function, i, (int)p.number + 1);
    else if (tag == ENS_TAG_SHARED)
      join_variable(d, function, i, (int)p.number + 1);
    else
      fail(d);
  }
}

static void push_function(ens_decoder *d, const piece *p) {
  enter(d);
  if (luaL_loadbuffer(d->L, p->text, (size_t)p->number, "=function")) lua_error(d->L);
  remember(d);
  take_variables(d, lua_gettop(d->L));
  d->depth--;
}

/* ---- the table of tags ---- */

static const row *row_of(ens_tag tag) {
  static const row rows[UCHAR_MAX + 1] = {[ENS_TAG_NIL] = {NOTHING, push_nil},
                                          [ENS_TAG_TRUE] = {NOTHING, push_true},
                                          [ENS_TAG_FALSE] = {NOTHING, push_false},
                                          [ENS_TAG_INTEGER] = {NUMBER, push_integer},
                                          [ENS_TAG_FLOAT] = {NUMBER, push_float},
                                          [ENS_TAG_STRING] = {TEXT, push_text},
                                          [ENS_TAG_GLOBALS] = {NOTHING, push_globals},
                                          [ENS_TAG_KNOWN] = {TEXT, push_known},
                                          [ENS_TAG_MODULE] = {TEXT, push_module},
                                          [ENS_TAG_ARRAY] = {NUMBER, push_array},
                                          [ENS_TAG_WORK] = {NUMBER, push_work},
                                          [ENS_TAG_OBJECT] = {NUMBER, push_object},
                                          [ENS_TAG_TABLE] = {NUMBER, push_table},
                                          [ENS_TAG_FUNCTION] = {TEXT, push_function},
                                          [ENS_TAG_CFUNCTION] = {NUMBER, push_cfunction},
                                          [ENS_TAG_POINTER] = {NUMBER, push_pointer},
                                          [ENS_TAG_VARIABLE] = {NUMBER, NULL},
                                          [ENS_TAG_SHARED] = {NUMBER, NULL},
                                          [ENS_TAG_END] = {NOTHING, NULL},
                                          [ENS_TAG_MISSING] = {TEXT, push_text}};
  return &rows[tag];
}

void ens_decoder_push(ens_decoder *d) {
  ENS_STACK(d->L, -0, +1);
  piece p;
  luaL_checkstack(d->L, 20, "decoding a value");
  const row *r = row_of(take_tag(d, &p));
  if (!r->push) fail(d);
  r->push(d, &p);
}

void ens_decoder_start(ens_decoder *d, lua_State *L, const ens_parcel *parcel) {
  ENS_STACK(L, -0, +3);
  luaL_checkstack(L, 20, "decoding a value");
  for (int i = 0; i < 3; i++) lua_newtable(L);
  int top = lua_gettop(L);
  *d = (ens_decoder){.L = L, .parcel = parcel, .objects = top - 2, .owners = top - 1, .slots = top};
}
