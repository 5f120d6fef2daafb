/* A table of rows and one function that writes a value to its place by the row's kind. */
#include "script/control/field.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum field_kind {
  FIELD_SIZE,   /* size_t */
  FIELD_COUNT,  /* uint64_t */
  FIELD_NUMBER, /* double */
  FIELD_FLAG,   /* bool */
  FIELD_TEXT,   /* char *, owned */
  FIELD_WORD,   /* an enum: the place of the word in `words` */
  FIELD_SEED    /* uint64_t, as a text of digits */
} field_kind;

enum { MOST_WORDS = 4 };

typedef struct field_row {
  const char *name;
  field_kind kind;
  size_t offset;
  const char *words[MOST_WORDS];
} field_row;

#define AT(member) offsetof(ens_run_config, member)
#define POLICIES \
  { "stop", "reject" }

static const field_row fields[] = {
    {"walkers", FIELD_SIZE, AT(sampling.nwalkers), {0}},
    {"nsplits", FIELD_SIZE, AT(sampling.nsplits), {0}},
    {"randomize_split", FIELD_FLAG, AT(sampling.randomize_split), {0}},
    {"thin_by", FIELD_COUNT, AT(sampling.thin_by), {0}},
    {"tune", FIELD_COUNT, AT(sampling.tune), {0}},
    {"seed", FIELD_SEED, AT(sampling.seed), {0}},
    {"on_error", FIELD_WORD, AT(sampling.on_error), POLICIES},
    {"on_nan", FIELD_WORD, AT(sampling.on_nan), POLICIES},
    {"max_errors", FIELD_COUNT, AT(sampling.max_errors), {0}},
    {"workers", FIELD_SIZE, AT(workers.count), {0}},
    {"workers_given", FIELD_FLAG, AT(workers.given), {0}},
    {"eval_timeout", FIELD_NUMBER, AT(workers.eval_timeout), {0}},
    {"rank_timeout", FIELD_NUMBER, AT(workers.rank_timeout), {0}},
    {"output", FIELD_TEXT, AT(output.path), {0}},
    {"output_name", FIELD_TEXT, AT(origin.output_name), {0}},
    {"resume", FIELD_WORD, AT(output.resume), {"auto", "never", "must", "force"}},
    {"commit_every", FIELD_NUMBER, AT(output.commit_every), {0}},
    {"journal", FIELD_TEXT, AT(output.journal), {0}},
    {"time_limit", FIELD_NUMBER, AT(stopping.time_limit), {0}},
    {"progress", FIELD_TEXT, AT(screen.progress), {0}},
    {"quiet", FIELD_FLAG, AT(screen.quiet), {0}},
};

static const field_row rules[] = {
    {"mcse", FIELD_NUMBER, offsetof(ens_until, mcse), {0}},
    {"tau", FIELD_NUMBER, offsetof(ens_until, tau), {0}},
    {"change", FIELD_NUMBER, offsetof(ens_until, change), {0}},
    {"ess", FIELD_NUMBER, offsetof(ens_until, ess), {0}},
    {"min_steps", FIELD_COUNT, offsetof(ens_until, min_steps), {0}},
};

#define LENGTH(rows) (sizeof(rows) / sizeof(rows)[0])

_Static_assert(sizeof(ens_policy) == sizeof(unsigned) && sizeof(ens_run_config_resume) == sizeof(unsigned),
               "FIELD_WORD writes an unsigned");

/* Decimal digits, or hexadecimal ones after 0x: any 64-bit number, though not every engine's numbers can hold it. */
static uint64_t parse_seed(const char *digits) {
  return digits[0] == '-' ? (uint64_t)strtoll(digits, NULL, 0) : strtoull(digits, NULL, 0);
}

/* Counts beyond 1e18 stand for "no limit". Integers and floats alike, because the engines differ in the type of whole
 * numbers. */
static uint64_t parse_count(double number) {
  return number < 1e18 ? (uint64_t)number : UINT64_MAX;
}

static unsigned find_word(const field_row *row, const char *word) {
  unsigned i = 0;
  while (i + 1 < MOST_WORDS && row->words[i + 1] && strcmp(row->words[i], word) != 0) i++;
  return i;
}

/* Writes the value on top to its place in *out; false without memory. */
static bool write(lua_State *L, const field_row *row, void *out) {
  ENS_STACK(L, -0, +0);
  void *place = (char *)out + row->offset;
  switch (row->kind) {
    case FIELD_SIZE:
      *(size_t *)place = (size_t)lua_tonumber(L, -1);
      break;
    case FIELD_COUNT:
      *(uint64_t *)place = parse_count(lua_tonumber(L, -1));
      break;
    case FIELD_NUMBER:
      *(double *)place = lua_tonumber(L, -1);
      break;
    case FIELD_FLAG:
      *(bool *)place = lua_toboolean(L, -1);
      break;
    case FIELD_TEXT:
      *(char **)place = strdup(luaL_checkstring(L, -1));
      return *(char **)place != NULL;
    case FIELD_WORD:
      *(unsigned *)place = find_word(row, luaL_checkstring(L, -1));
      break;
    case FIELD_SEED:
      *(uint64_t *)place = parse_seed(luaL_checkstring(L, -1));
      break;
  }
  return true;
}

static bool read_rows(lua_State *L, int index, const field_row *rows, size_t n, void *out) {
  ENS_STACK(L, -0, +0);
  bool all = true;
  for (size_t i = 0; i < n; i++) {
    lua_getfield(L, index, rows[i].name);
    if (!lua_isnil(L, -1) && !write(L, &rows[i], out)) all = false;
    lua_pop(L, 1);
  }
  return all;
}

ens_status ens_field_read(lua_State *L, int index, ens_run_config *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  return read_rows(L, index, fields, LENGTH(fields), out) ? ENS_OK : ens_error_memory(error);
}

void ens_field_read_rules(lua_State *L, int index, ens_until *out) {
  ENS_STACK(L, -0, +0);
  read_rows(L, index, rules, LENGTH(rules), out);
}

void ens_field_push_names(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, LENGTH(fields), 0);
  for (int i = 0; i < (int)LENGTH(fields); i++) {
    lua_pushstring(L, fields[i].name);
    lua_rawseti(L, -2, i + 1);
  }
}
