/* A small copy of a chain that is going on, for a running estimate of its worst autocorrelation time. Bounded: at most
 * 1024 steps, 64 walkers, 4 MiB, whatever the run's size. Periodic parameters are
 * told by cosine and sine. Must not know of clocks or screens. */
#ifndef ENS_REPORT_TRACE_H
#define ENS_REPORT_TRACE_H

#include <stddef.h>

#include "core/model/domain.h"

typedef struct ens_trace ens_trace;

/* Borrows the domain, which outlives it; NULL: nothing is periodic. NULL: no memory. */
ens_trace *ens_trace_create(size_t nwalkers, size_t ndim, const ens_domain *domain);
void ens_trace_destroy(ens_trace *trace); /* NULL is fine */

void ens_trace_add(ens_trace *trace, const double *coords); /* [walker][dim] of the next kept step */
/* Estimates tau of every parameter that was copied, and keeps the largest. Lack of memory leaves the last estimate. */
void ens_trace_estimate(ens_trace *trace);
size_t ens_trace_work(const ens_trace *trace); /* values that an estimate would read: its cost grows with them */
double ens_trace_tau(const ens_trace *trace);  /* of the last estimate, in kept steps; NaN: not known yet */

#endif
