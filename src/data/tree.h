/* A run's data for code that is not Lua: nested tables of named values. One thread builds a tree; then all threads
 * share it, read-only. Knows nothing of the source of the data. */
#ifndef ENS_DATA_TREE_H
#define ENS_DATA_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "data/array.h"

typedef enum ens_tree_kind {
  ENS_TREE_TABLE,
  ENS_TREE_NUMBER,
  ENS_TREE_BOOLEAN,
  ENS_TREE_TEXT,
  ENS_TREE_ARRAY
} ens_tree_kind;

typedef struct ens_tree {
  char *name; /* NULL: the outermost table */
  ens_tree_kind kind;
  double number; /* also of a boolean: 0 or 1 */
  char *text;    /* [length], and a NUL that length does not count */
  size_t length;
  ens_array *array; /* row-major, without gaps */
  struct ens_tree *child;
  size_t nchildren, capacity;
} ens_tree;

ens_tree *ens_tree_create(void);       /* an empty table; NULL: no memory */
void ens_tree_destroy(ens_tree *tree); /* NULL is fine */
/* Adds an entry to a table, an empty table at first. It is valid until the next entry is added. NULL: no memory. */
ens_tree *ens_tree_add(ens_tree *table, const char *name);
/* Makes the entry a text or an array; copies an array that has gaps. False: no memory. */
bool ens_tree_set_text(ens_tree *entry, const char *text, size_t length);
bool ens_tree_set_array(ens_tree *entry, const ens_array *array);
/* Sorts the entries of all tables by the bytes of their names. */
void ens_tree_sort(ens_tree *tree);

/* Finds an entry by the names on the way to it, separated by dots; "" is `tree` itself. Names may contain dots: the
 * longest name that fits counts. The tree must be sorted. NULL: there is no such entry. */
const ens_tree *ens_tree_find(const ens_tree *tree, const char *path);

#endif
