/* The result of a reader: an array, a number, a table of nodes by name, or the reason why a part of the file was
 * skipped. Knows nothing of files. */
#ifndef ENS_DATA_NODE_H
#define ENS_DATA_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/array.h"

typedef enum ens_node_kind { ENS_NODE_TABLE, ENS_NODE_ARRAY, ENS_NODE_NUMBER, ENS_NODE_LEFT_OUT } ens_node_kind;

/* Zero-initialised, it is an empty table without a name. */
typedef struct ens_node {
  ens_node_kind kind;
  char *name;       /* in its table; NULL for the root */
  ens_array *array; /* of an array node */
  double number;    /* of a number node */
  char *reason;     /* of a skipped node: "is text (U5), not numbers" */
  struct ens_node *child;
  size_t nchildren, capacity; /* of a table */
  const char *entries;        /* of a table: the word for an entry, "array"; NULL: a column, all of the same length */
} ens_node;

/* Adds an empty node of that name to the table; the caller makes it an array or a number. `out` is valid until the next
 * node is added. ENS_MEMORY. */
ens_status ens_node_add(ens_node *table, const char *name, size_t length, ens_node **out, ens_error *error);
/* The first child of that name, or NULL. */
const ens_node *ens_node_find(const ens_node *table, const char *name);
/* Sets `twice` to a name that two children have, or to NULL. ENS_MEMORY. */
ens_status ens_node_find_twin(const ens_node *table, const char **twice, ens_error *error);
/* Makes an empty node a new array, which the caller fills. ENS_MEMORY, also if the array is larger than the machine's
 * memory; `name` is the file's name in that message. */
ens_status ens_node_make_array(ens_node *node, const char *name, size_t rank, const size_t *shape, ens_error *error);
/* Makes an empty node an array, which it takes (NULL: ENS_MEMORY), or a skipped node with the reason. */
ens_status ens_node_set_array(ens_node *node, ens_array *array, ens_error *error);
ens_status ens_node_leave_out(ens_node *node, ens_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Frees the node's name and everything below it, and zeroes it. */
void ens_node_clear(ens_node *node);

/* Whether there is an array or a number in it, at any depth. */
bool ens_node_has_numbers(const ens_node *node);

#endif
