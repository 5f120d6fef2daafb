/* A row for each field that must be equal, then the moves, the blobs and the data, entry by entry; every difference
 * is one line. */
#include "run/difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/identity.h"

/* Both runs, read. */
typedef struct comparison {
  const ens_store_record *stored, *wanted;
  ens_identity before, now;
  const ens_model *model;
  ens_text text; /* a line for each difference */
} comparison;

/* ---- numbers, texts, names ---- */

static void compare_number(ens_text *t, const char *what, uint64_t stored, uint64_t wanted) {
  if (stored != wanted)
    ens_text_add(t, "\n  %s: %llu there, %llu here", what, (unsigned long long)stored, (unsigned long long)wanted);
}

static void compare_text(ens_text *t, const char *what, const char *stored, const char *wanted) {
  if (strcmp(stored ? stored : "", wanted ? wanted : "") != 0)
    ens_text_add(t, "\n  %s: %s there, %s here", what, stored ? stored : "nothing", wanted ? wanted : "nothing");
}

static void compare_names(ens_text *t, const ens_store_record *stored, const ens_store_record *wanted) {
  bool same = stored->ndim == wanted->ndim;
  for (size_t i = 0; same && i < stored->ndim; i++) same = strcmp(stored->parameters[i], wanted->parameters[i]) == 0;
  if (same) return;
  ens_text_add(t, "\n  parameters:");
  for (size_t i = 0; i < stored->ndim; i++) ens_text_add(t, " %s", stored->parameters[i]);
  ens_text_add(t, " there,");
  for (size_t i = 0; i < wanted->ndim; i++) ens_text_add(t, " %s", wanted->parameters[i]);
  ens_text_add(t, " here");
}

/* " log_prior flux[5] label (text of 16)" */
static void add_blobs(ens_text *t, const ens_blobs *blobs) {
  for (size_t i = 0; i < blobs->count; i++) {
    const ens_blob_def *def = &blobs->def[i];
    ens_text_add(t, " %s", def->name);
    if (def->kind == ENS_BLOB_VECTOR) ens_text_add(t, "[%zu]", def->length);
    if (def->kind == ENS_BLOB_TEXT) ens_text_add(t, " (text of %zu)", def->length);
  }
}

static void compare_blobs(ens_text *t, const ens_blobs *stored, const ens_blobs *wanted) {
  if (ens_blobs_are_equal(stored, wanted)) return;
  ens_text_add(t, "\n  blobs:");
  add_blobs(t, stored);
  ens_text_add(t, " there,");
  add_blobs(t, wanted);
  ens_text_add(t, " here");
}

/* ---- fields of `extra` ---- */

static bool is_same(ens_json a, ens_json b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static bool field_differs(const comparison *c, const char *name) {
  return !is_same(ens_identity_field(&c->before, name), ens_identity_field(&c->now, name));
}

static void compare_field(comparison *c, const char *name, const char *what) {
  if (field_differs(c, name)) ens_text_add(&c->text, "\n  %s", what);
}

/* ---- data: "name=fingerprint@file;...", the file if it is known ---- */

typedef struct entry {
  ens_json name, fingerprint, file;
} entry;

/* Takes the text up to `stop`, or all of it, from the front of *left, and the stop with it. */
static ens_json take_until(ens_json *left, char stop) {
  const char *found = left->size ? memchr(left->at, stop, left->size) : NULL;
  ens_json taken = {left->at, found ? (size_t)(found - left->at) : left->size};
  size_t gone = taken.size + (found != NULL);
  *left = (ens_json){left->at + gone, left->size - gone};
  return taken;
}

static bool next_entry(ens_json *left, entry *out) {
  if (!left->size) return false;
  ens_json rest = take_until(left, ';');
  out->name = take_until(&rest, '=');
  out->fingerprint = take_until(&rest, '@');
  out->file = rest;
  return out->name.size > 0;
}

static bool find_entry(ens_json fields, ens_json name, entry *out) {
  while (next_entry(&fields, out))
    if (is_same(out->name, name)) return true;
  return false;
}

static void add_entry(ens_text *t, const entry *e, bool first, const char *what) {
  ens_text_add(t, "%s data.%.*s%s", first ? ":" : ",", (int)e->name.size, e->name.at, what);
  if (e->file.size) ens_text_add(t, " (%.*s)", (int)e->file.size, e->file.at);
}

/* ": data.line (line.csv), data.z is new"; nothing if one of the stores is of an older version, without fields. */
static void add_entries(ens_text *t, ens_json stored, ens_json wanted) {
  entry one, other;
  bool first = true;
  if (!stored.at || !wanted.at) return;
  for (ens_json left = wanted; next_entry(&left, &one);) {
    bool exists = find_entry(stored, one.name, &other);
    if (exists && is_same(one.fingerprint, other.fingerprint)) continue;
    add_entry(t, &one, first, exists ? "" : " is new");
    first = false;
  }
  for (ens_json left = stored; next_entry(&left, &one);) {
    if (find_entry(wanted, one.name, &other)) continue;
    add_entry(t, &one, first, " is gone");
    first = false;
  }
}

/* Another engine writes whole numbers in another way, so that equal data have another fingerprint there. */
static bool is_of_other_engine(const comparison *c) {
  ens_json stored = ens_identity_field(&c->before, "data");
  bool (*recognize)(const ens_model *model, const char *fingerprint) = c->model->ops->recognize_data;
  if (!recognize) return false;
  char fingerprint[sizeof c->model->data_fingerprint];
  snprintf(fingerprint, sizeof fingerprint, "%.*s", (int)stored.size, stored.at);
  return recognize(c->model, fingerprint);
}

static void compare_data(comparison *c) {
  if (!field_differs(c, "data") || is_of_other_engine(c)) return;
  ens_text_add(&c->text, "\n  the data have changed");
  add_entries(&c->text, ens_identity_field(&c->before, "fields"), ens_identity_field(&c->now, "fields"));
}

/* ---- the model ---- */

/* The name of the stored model's file; NULL if the store has no model file, or several. */
static const char *stored_model(const ens_store_record *stored) {
  const char *name = NULL;
  for (size_t i = 0; i < stored->nsources; i++) {
    if (strcmp(stored->source[i].role, "model") != 0) continue;
    if (name) return NULL;
    name = stored->source[i].name;
  }
  return name;
}

static void compare_model(comparison *c) {
  const char *before = stored_model(c->stored);
  if (!field_differs(c, "model")) return;
  const char *now = c->model->name;
  bool renamed = before && strcmp(before, now) != 0;
  ens_text_add(&c->text, "\n  the model has changed: ");
  if (renamed) ens_text_add(&c->text, "%s there, ", before);
  ens_text_add(&c->text, "%s%s", now, renamed ? " here" : "");
}

static bool is_changed_module(const ens_store_record_source *a, const ens_store_record_source *b) {
  return strcmp(a->role, "model module") == 0 && strcmp(a->role, b->role) == 0 && strcmp(a->name, b->name) == 0 &&
         strcmp(a->text, b->text) != 0;
}

/* Modules that a model requires are part of it. */
static void compare_modules(comparison *c) {
  for (size_t i = 0; i < c->stored->nsources; i++)
    for (size_t j = 0; j < c->wanted->nsources; j++)
      if (is_changed_module(&c->stored->source[i], &c->wanted->source[j]))
        ens_text_add(&c->text, "\n  the model's module %s has changed", c->stored->source[i].name);
}

/* ---- the whole ---- */

/* These cannot be forced: the chain would have another shape. */
static void compare_shape(comparison *c) {
  compare_names(&c->text, c->stored, c->wanted);
  compare_blobs(&c->text, &c->stored->blobs, &c->wanted->blobs);
  compare_number(&c->text, "walkers", c->stored->nwalkers, c->wanted->nwalkers);
  compare_number(&c->text, "thin_by", c->stored->thin_by, c->wanted->thin_by);
}

static void compare_meaning(comparison *c) {
  compare_number(&c->text, "seed", c->stored->seed, c->wanted->seed);
  compare_text(&c->text, "moves", c->stored->moves, c->wanted->moves);
  compare_text(&c->text, "random numbers", c->stored->rng, c->wanted->rng);
  compare_model(c);
  compare_modules(c);
  compare_data(c);
  compare_field(c, "tune", "tune, the number of steps before the chain, has changed");
  compare_field(c, "domain", "the bounds or the periodic parameters have changed");
  compare_field(c, "nsplits", "nsplits, the number of sets, has changed");
  compare_field(c, "split", "randomize_split has changed");
}

/* Another engine is no difference by itself. But inline models have other fingerprints there, and so have data with
 * numbers like 3.0, which Lua 5.4 tells from 3. */
static void explain_by_engine(comparison *c) {
  const char *stored = c->stored->engine, *wanted = c->wanted->engine;
  if (c->text.size && strcmp(stored, wanted) != 0)
    ens_text_add(
        &c->text,
        "\n  the engine: %s there, %s here, where inline models and numbers like 3.0 in data have other fingerprints "
        "(--engine %s is the one there)",
        stored, wanted, strncmp(stored, "LuaJIT", 6) == 0 ? "luajit" : "lua");
}

static ens_status report(const char *path, const char *differences, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG,
                       "'%s' holds a run that this one cannot continue:%s\nundo the changes, or give "
                       "another output, or move the file away",
                       path, differences);
}

ens_status ens_difference_check(const ens_difference *difference, char **forced, ens_error *error) {
  comparison c = {.stored = difference->stored, .wanted = difference->wanted, .model = difference->model};
  ens_status status = ens_identity_read(c.stored, difference->path, &c.before, error);
  if (!status) status = ens_identity_read(c.wanted, difference->path, &c.now, error);
  if (status) return status;
  compare_shape(&c);
  bool can_be_forced = c.text.size == 0;
  compare_meaning(&c);
  explain_by_engine(&c);
  if (c.text.failed) {
    status = ens_error_memory(error);
  } else if (c.text.size && forced && can_be_forced) {
    free(*forced);
    *forced = ens_text_take(&c.text);
  } else if (c.text.size) {
    status = report(difference->path, ens_text_get(&c.text), error);
  }
  ens_text_free(&c.text);
  return status;
}
