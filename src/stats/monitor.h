/* The convergence of a chain that is going on: autocorrelation times and effective sample sizes at fixed steps, a
 * function of the steps alone, in bounded memory and at a cost that falls with the length of the chain.
 *
 * The chain is kept as at most 256 rows, each the mean of `stride` steps in a row. Full rows are joined two by two and
 * the stride doubles, so that the whole chain stays in view. A mean of steps loses nothing of the sum of
 * autocovariances: with C_l the sums of lagged products of the rows, V the sum of squares of all steps about each
 * walker's mean, tau(M) = stride^2 (C_0 + 2 sum_{l <= M} C_l) / V, at the first M that reaches as far as Sokal's
 * window, 5 tau. With stride 1 that is the estimator of autocorr.h, but for the walkers, whose sums are added before
 * they are divided. C_l grow with each row; nothing is read again but at a doubling.
 *
 * Of a periodic parameter the rows have cosine and sine, and the slower of the two is told.
 *
 * What is left out at the start is decided anew at each doubling as ens_discard_auto does: until log_prob is within
 * twice the range of the second half, here in rows whole, and then 5 times the longest tau of that half, at most the
 * first half in all. */
#ifndef ENS_STATS_MONITOR_H
#define ENS_STATS_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/domain.h"
#include "stats/findings.h"

typedef struct ens_monitor ens_monitor;

/* Borrows the domain, which outlives it; NULL: nothing is periodic. NULL: no memory. */
ens_monitor *ens_monitor_create(size_t nwalkers, size_t ndim, const ens_domain *domain);
void ens_monitor_destroy(ens_monitor *monitor); /* NULL is fine */
void ens_monitor_reset(ens_monitor *monitor);   /* as new */

/* The next step of the chain. True: it was a check, and there are new findings. Checks are every 1/32 of the power of
 * two below the step, from step 128 on. */
bool ens_monitor_push(ens_monitor *monitor, const double *coords, const double *log_prob, const uint8_t *accepted);
uint64_t ens_monitor_steps(const ens_monitor *monitor); /* pushed so far */
/* Of the last check; `step` 0: there was none yet. */
const ens_findings *ens_monitor_findings(const ens_monitor *monitor);

#endif
