/* Nodes own their arrays and children; the functions add, find, fill and clear them. */
#include "data/node.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ens_status grow(ens_node *table, ens_error *error) {
  if (table->nchildren < table->capacity) return ENS_OK;
  size_t capacity = table->capacity ? table->capacity * 2 : 8;
  ens_node *larger = capacity > SIZE_MAX / 2 / sizeof *larger ? NULL : realloc(table->child, capacity * sizeof *larger);
  if (!larger) return ens_error_memory(error);
  table->child = larger;
  table->capacity = capacity;
  return ENS_OK;
}

ens_status ens_node_add(ens_node *table, const char *name, size_t length, ens_node **out, ens_error *error) {
  ens_status status = grow(table, error);
  if (status) return status;
  char *copy = strndup(name, length);
  if (!copy) return ens_error_memory(error);
  *out = &table->child[table->nchildren++];
  **out = (ens_node){.name = copy};
  return ENS_OK;
}

const ens_node *ens_node_find(const ens_node *table, const char *name) {
  for (size_t i = 0; i < table->nchildren; i++) {
    if (strcmp(table->child[i].name, name) == 0) return &table->child[i];
  }
  return NULL;
}

static int compare_names(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

ens_status ens_node_find_twin(const ens_node *table, const char **twice, ens_error *error) {
  size_t n = table->nchildren;
  const char **name = malloc((n + 1) * sizeof *name);
  if (!name) return ens_error_memory(error);
  for (size_t i = 0; i < n; i++) name[i] = table->child[i].name;
  qsort(name, n, sizeof *name, compare_names);
  *twice = NULL;
  for (size_t i = 1; i < n && !*twice; i++) {
    if (strcmp(name[i - 1], name[i]) == 0) *twice = name[i];
  }
  free(name);
  return ENS_OK;
}

ens_status ens_node_set_array(ens_node *node, ens_array *array, ens_error *error) {
  if (!array) return ens_error_memory(error);
  node->kind = ENS_NODE_ARRAY;
  node->array = array;
  return ENS_OK;
}

/* False: the array is larger than the whole memory of the machine. */
static bool can_hold(size_t rank, const size_t *shape) {
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  size_t memory = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : SIZE_MAX, bytes = sizeof(double);
  for (size_t d = 0; d < rank; d++) {
    if (shape[d] == 0) return true;
  }
  for (size_t d = 0; d < rank; d++) {
    if (__builtin_mul_overflow(bytes, shape[d], &bytes)) return false;
  }
  return bytes <= memory;
}

ens_status ens_node_make_array(ens_node *node, const char *name, size_t rank, const size_t *shape, ens_error *error) {
  char text[ENS_ARRAY_MAX_RANK * 24] = "";
  if (can_hold(rank, shape)) return ens_node_set_array(node, ens_array_create(rank, shape), error);
  for (size_t d = 0, at = 0; d < rank; d++)
    at += (size_t)snprintf(text + at, sizeof text - at, d ? " x %zu" : "%zu", shape[d]);
  return ens_error_set(error, ENS_MEMORY, "%s: an array of %s numbers is more than this machine's memory", name, text);
}

ens_status ens_node_leave_out(ens_node *node, ens_error *error, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  node->kind = ENS_NODE_LEFT_OUT;
  node->reason = strdup(text);
  return node->reason ? ENS_OK : ens_error_memory(error);
}

void ens_node_clear(ens_node *node) {
  for (size_t i = 0; i < node->nchildren; i++) ens_node_clear(&node->child[i]);
  free(node->child);
  free(node->name);
  free(node->reason);
  ens_array_release(node->array);
  *node = (ens_node){0};
}

bool ens_node_has_numbers(const ens_node *node) {
  for (size_t i = 0; i < node->nchildren; i++) {
    if (ens_node_has_numbers(&node->child[i])) return true;
  }
  return node->kind == ENS_NODE_ARRAY || node->kind == ENS_NODE_NUMBER;
}
