/* Checks a reader of arrays for any bytes: a sanitizer finds no fault, and the result is numbers that can all be read,
 * at most as many as the file can hold, or nothing and a message that names the file. */
#ifndef ENS_FUZZ_NODE_H
#define ENS_FUZZ_NODE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/node.h"

static inline void require(int condition) {
  if (!condition) abort();
}

/* Numbers in the node. */
static inline size_t check_node(const ens_node *node) {
  size_t count = node->kind == ENS_NODE_NUMBER;
  if (node->kind == ENS_NODE_ARRAY) {
    count += ens_array_size(node->array);
    (void)ens_array_sum(node->array);
  }
  require((node->kind == ENS_NODE_ARRAY) == (node->array != NULL));
  require((node->kind == ENS_NODE_LEFT_OUT) == (node->reason != NULL));
  for (size_t i = 0; i < node->nchildren; i++) {
    require(node->child[i].name && *node->child[i].name);
    require(ens_node_find(node, node->child[i].name) == &node->child[i]); /* names are unique */
    count += check_node(&node->child[i]);
  }
  return count;
}

static inline void check_error(const ens_node *node, ens_status status, const ens_error *error, const char *path) {
  require(status == ENS_CONFIG && error->status == status);
  require(strncmp(ens_error_text(error), path, strlen(path)) == 0);
  require(strpbrk(ens_error_text(error), "\n\r\033") == NULL);
  require(!node->child && !node->array && !node->name && !node->reason);
}

/* Reads the bytes as a file, in which one byte makes at most `ratio` numbers. */
static inline void read_bytes(const uint8_t *data, size_t size, size_t ratio,
                              ens_status (*read)(const char *path, ens_node *out, ens_error *error)) {
  char path[64];
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  int file = memfd_create("bytes", 0);
  require(file >= 0 && write(file, data, size) == (ssize_t)size);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  ens_status status = read(path, &node, &error);
  if (status) {
    check_error(&node, status, &error, path);
  } else {
    require(check_node(&node) <= ratio * size);
  }
  ens_node_clear(&node);
  ens_error_clear(&error);
  close(file);
}

#endif
