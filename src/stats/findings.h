/* The result of a convergence check during a run: the monitor fills it, and the rules of `until` judge it. */
#ifndef ENS_STATS_FINDINGS_H
#define ENS_STATS_FINDINGS_H

#include <stddef.h>
#include <stdint.h>

/* The arrays are borrowed: valid until the next check. */
typedef struct ens_findings {
  uint64_t step;    /* steps at the check; 0: there was no check yet */
  uint64_t discard; /* steps left out at the start */
  size_t ndim;
  const double *tau;    /* [ndim] in steps; NaN: the chain is too short, or a walker does not move */
  const double *ess;    /* [ndim] the smaller of draws / tau and the size from the ensemble's mean (summary.h) */
  const double *change; /* [ndim] |tau - tau of the check before| / tau; NaN: not known */
  size_t stuck; /* a walker, from 0, that has not moved since `discard`, so that no tau is known; SIZE_MAX: none */
} ens_findings;

#endif
