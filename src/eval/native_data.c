/* Finds a path in the tree and checks its kind; an error names the entries that exist beside the missing one. */
#include "eval/native_data.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "eval/native_worker.h"

static const char *const kind_name[] = {[ENS_TREE_TABLE] = "a table",
                                        [ENS_TREE_NUMBER] = "a number",
                                        [ENS_TREE_BOOLEAN] = "a boolean",
                                        [ENS_TREE_TEXT] = "a string",
                                        [ENS_TREE_ARRAY] = "an array"};

static const ens_tree *find(ensemble_worker *worker, const char *path) {
  const ens_tree *data = ((ens_native_worker *)worker)->native->data;
  return data ? ens_tree_find(data, path) : NULL;
}

/* Adds ": data.line has x, y, yerr", for the innermost table of the path that exists. */
static void add_neighbours(ens_text *text, ensemble_worker *worker, const char *path) {
  char above[256];
  const ens_tree *table;
  snprintf(above, sizeof above, "%s", path);
  do {
    char *dot = strrchr(above, '.');
    *(dot ? dot : above) = '\0';
    table = find(worker, above);
  } while (!table && *above);
  if (!table) {
    ens_text_add(text, ": the script gives no data");
    return;
  }
  ens_text_add(text, ": data%s%s has %s", *above ? "." : "", above, table->nchildren ? "" : "no entries");
  for (size_t i = 0; i < table->nchildren; i++) ens_text_add(text, "%s%s", i ? ", " : "", table->child[i].name);
}

static const ens_tree *need(ensemble_worker *worker, const char *path, ens_tree_kind wanted) {
  const ens_tree *found = find(worker, path);
  if (found && found->kind == wanted) return found;
  ens_text text = ens_text_in(worker->message, worker->message_size);
  ens_text_add(&text, "data%s%s is ", *path ? "." : "", path);
  if (found) {
    ens_text_add(&text, "%s: it must be %s", kind_name[found->kind], kind_name[wanted]);
  } else {
    ens_text_add(&text, "missing");
    add_neighbours(&text, worker, path);
  }
  return NULL;
}

static ensemble_kind kind(ensemble_worker *worker, const char *path) {
  static const ensemble_kind kinds[] = {[ENS_TREE_TABLE] = ENSEMBLE_TABLE,
                                        [ENS_TREE_NUMBER] = ENSEMBLE_NUMBER,
                                        [ENS_TREE_BOOLEAN] = ENSEMBLE_BOOLEAN,
                                        [ENS_TREE_TEXT] = ENSEMBLE_STRING,
                                        [ENS_TREE_ARRAY] = ENSEMBLE_ARRAY};
  const ens_tree *found = find(worker, path);
  return found ? kinds[found->kind] : ENSEMBLE_MISSING;
}

static int array(ensemble_worker *worker, const char *path, ensemble_array *out) {
  const ens_tree *found = need(worker, path, ENS_TREE_ARRAY);
  if (!found) return 1;
  *out = (ensemble_array){.values = found->array->data,
                          .size = ens_array_size(found->array),
                          .rank = found->array->rank,
                          .shape = found->array->shape};
  return 0;
}

static int number(ensemble_worker *worker, const char *path, double *out) {
  const ens_tree *found = need(worker, path, ENS_TREE_NUMBER);
  if (found) *out = found->number;
  return !found;
}

static int string(ensemble_worker *worker, const char *path, const char **out, size_t *length) {
  const ens_tree *found = need(worker, path, ENS_TREE_TEXT);
  if (!found) return 1;
  *out = found->text;
  if (length) *length = found->length;
  return 0;
}

static int boolean(ensemble_worker *worker, const char *path, int *out) {
  const ens_tree *found = need(worker, path, ENS_TREE_BOOLEAN);
  if (found) *out = found->number != 0;
  return !found;
}

static const char *name(ensemble_worker *worker, const char *path, size_t i) {
  const ens_tree *found = find(worker, path);
  return found && i < found->nchildren ? found->child[i].name : NULL;
}

const ensemble_data ens_native_data = {
    .kind = kind, .array = array, .number = number, .string = string, .boolean = boolean, .name = name};
