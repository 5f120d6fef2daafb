/* A small copy of a growing chain, for a running estimate of its worst autocorrelation time. It has at most 1024 steps,
 * 64 walkers and 4 MiB. For a periodic parameter it keeps cosine and sine. Knows nothing of clocks and screens. */
#ifndef ENS_REPORT_TRACE_H
#define ENS_REPORT_TRACE_H

#include <stddef.h>

#include "core/model/domain.h"

typedef struct ens_trace ens_trace;

/* Borrows the domain until destroy; domain NULL: no parameter is periodic. NULL: no memory. */
ens_trace *ens_trace_create(size_t nwalkers, size_t ndim, const ens_domain *domain);
void ens_trace_destroy(ens_trace *trace); /* NULL is fine */

void ens_trace_add(ens_trace *trace, const double *coords); /* [walker][dim], of the next kept step */
/* Estimates tau of every parameter in the copy and keeps the largest. Without memory, the last estimate stays. */
void ens_trace_estimate(ens_trace *trace);
size_t ens_trace_work(const ens_trace *trace); /* number of values that an estimate would read */
double ens_trace_tau(const ens_trace *trace);  /* the last estimate, in kept steps; NaN: not known yet */

#endif
