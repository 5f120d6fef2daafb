/* A run's data as code that is not Lua sees them: values with names, nested. Built by one thread, then read-only and
 * shared by all. Knows nothing of where they come from. */
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
  double number; /* a boolean: 0 or 1 */
  char *text;    /* [length], ended by a NUL that length does not count */
  size_t length;
  ens_array *array; /* row-major without gaps */
  struct ens_tree *child;
  size_t nchildren, capacity;
} ens_tree;

ens_tree *ens_tree_create(void);       /* an empty table; NULL: no memory */
void ens_tree_destroy(ens_tree *tree); /* NULL is fine */
/* A new entry of a table, an empty table itself; valid until the next one is added there. NULL: no memory. */
ens_tree *ens_tree_add(ens_tree *table, const char *name);
/* Makes the entry a text or an array; a copy is taken where the array has gaps. False: no memory. */
bool ens_tree_set_text(ens_tree *entry, const char *text, size_t length);
bool ens_tree_set_array(ens_tree *entry, const ens_array *array);
/* Entries of all tables in the order of their names' bytes. */
void ens_tree_sort(ens_tree *tree);

/* Names with dots between from `tree` on, "" is itself; a name may have dots of its own: the longest that fits counts.
 * The tree is sorted. NULL: there is none. */
const ens_tree *ens_tree_find(const ens_tree *tree, const char *path);

#endif
