/* What a reader makes of a file: an array, a number, a table of such things by name, or the reason why something in the
 * file was left out. Must not know of files. */
#ifndef ENS_DATA_NODE_H
#define ENS_DATA_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/array.h"

typedef enum ens_node_kind { ENS_NODE_TABLE, ENS_NODE_ARRAY, ENS_NODE_NUMBER, ENS_NODE_LEFT_OUT } ens_node_kind;

/* Zero-initialised: an empty table without a name. */
typedef struct ens_node {
  ens_node_kind kind;
  char *name;       /* in its table; NULL for the root */
  ens_array *array; /* of an array */
  double number;    /* of a number */
  char *reason;     /* of what was left out: "is text (U5), not numbers" */
  struct ens_node *child;
  size_t nchildren, capacity; /* of a table */
  const char *entries; /* of a table: what one of them is called, "array"; NULL: a column, as long as the others */
} ens_node;

/* Adds an empty table of that name to the table, to be made something else; `out` is valid until the next one is added.
 * ENS_MEMORY. */
ens_status ens_node_add(ens_node *table, const char *name, size_t length, ens_node **out, ens_error *error);
/* Child of that name, the first of several, or NULL. */
const ens_node *ens_node_find(const ens_node *table, const char *name);
/* Sets `twice` to a name that two children have, or to NULL. ENS_MEMORY. */
ens_status ens_node_find_twin(const ens_node *table, const char **twice, ens_error *error);
/* Makes an empty node a new array, to be filled in. ENS_MEMORY, also for more than this machine could ever hold: `name`
 * is the file's in that message. */
ens_status ens_node_make_array(ens_node *node, const char *name, size_t rank, const size_t *shape, ens_error *error);
/* Makes an empty node an array, which it takes (NULL: ENS_MEMORY), or something left out, and why. */
ens_status ens_node_set_array(ens_node *node, ens_array *array, ens_error *error);
ens_status ens_node_leave_out(ens_node *node, ens_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* All below it, and its name; leaves it zeroed. */
void ens_node_clear(ens_node *node);

/* There is an array or a number in it, at any depth. */
bool ens_node_has_numbers(const ens_node *node);

#endif
