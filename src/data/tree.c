/* Children are in an array that ens_tree_sort orders by name, so that finding is a binary search. */
#include "data/tree.h"

#include <stdlib.h>
#include <string.h>

ens_tree *ens_tree_create(void) {
  return calloc(1, sizeof(ens_tree));
}

static void clear(ens_tree *tree) {
  for (size_t i = 0; i < tree->nchildren; i++) clear(&tree->child[i]);
  free(tree->child);
  free(tree->name);
  free(tree->text);
  ens_array_release(tree->array);
}

void ens_tree_destroy(ens_tree *tree) {
  if (!tree) return;
  clear(tree);
  free(tree);
}

ens_tree *ens_tree_add(ens_tree *table, const char *name) {
  if (table->nchildren == table->capacity) {
    size_t capacity = table->capacity * 2 + 4;
    ens_tree *grown = realloc(table->child, capacity * sizeof *grown);
    if (!grown) return NULL;
    table->child = grown;
    table->capacity = capacity;
  }
  ens_tree *entry = &table->child[table->nchildren];
  *entry = (ens_tree){.name = strdup(name)};
  if (!entry->name) return NULL;
  table->nchildren++;
  return entry;
}

bool ens_tree_set_text(ens_tree *entry, const char *text, size_t length) {
  entry->kind = ENS_TREE_TEXT;
  entry->text = malloc(length + 1);
  if (!entry->text) return false;
  memcpy(entry->text, text, length);
  entry->text[length] = '\0';
  entry->length = length;
  return true;
}

static bool has_gaps(const ens_array *array) {
  ptrdiff_t stride = 1;
  for (size_t axis = array->rank; axis-- > 0; stride *= (ptrdiff_t)array->shape[axis])
    if (array->stride[axis] != stride && array->shape[axis] > 1) return true;
  return false;
}

bool ens_tree_set_array(ens_tree *entry, const ens_array *array) {
  entry->kind = ENS_TREE_ARRAY;
  entry->array = has_gaps(array) ? ens_array_copy(array) : ens_array_retain(array);
  return entry->array != NULL;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const ens_tree *)a)->name, ((const ens_tree *)b)->name);
}

void ens_tree_sort(ens_tree *tree) {
  if (tree->nchildren) qsort(tree->child, tree->nchildren, sizeof *tree->child, by_name);
  for (size_t i = 0; i < tree->nchildren; i++) ens_tree_sort(&tree->child[i]);
}

const ens_tree *ens_tree_find(const ens_tree *tree, const char *path) {
  if (!*path) return tree;
  for (size_t i = tree->nchildren; i-- > 0;) {
    const ens_tree *child = &tree->child[i], *found;
    size_t length = strlen(child->name);
    if (strncmp(child->name, path, length) != 0) continue;
    if (path[length] == '\0') return child;
    if (path[length] == '.' && path[length + 1] && (found = ens_tree_find(child, path + length + 1))) return found;
  }
  return NULL;
}
