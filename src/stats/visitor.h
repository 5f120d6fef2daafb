/* A visitor of a pass over the draws of a chain (pass.h): it sees all draws, block after block, in one pass or several.
 * Interface only. */
#ifndef ENS_STATS_VISITOR_H
#define ENS_STATS_VISITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct ens_visitor ens_visitor;
typedef struct ens_visitor_ops {
  ens_status (*begin)(ens_visitor *self, ens_error *error);             /* before each pass */
  void (*draws)(ens_visitor *self, const double *coords, size_t count); /* coords [count][walker][dim], borrowed */
  void (*end)(ens_visitor *self); /* after each pass; sets `done` if the visitor needs no other one */
} ens_visitor_ops;

struct ens_visitor {
  const ens_visitor_ops *ops;
  bool done; /* passes skip it from now on */
};

#endif
