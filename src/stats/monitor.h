/* Convergence of a chain while it is sampled: autocorrelation times and effective sample sizes at fixed steps. They are
 * a function of the steps alone. Memory is bounded, and the cost per step falls with the length of the chain.
 *
 * The monitor keeps the chain as at most 256 rows, each the mean of `stride` consecutive steps. When the rows are full,
 * they are joined in pairs and the stride doubles, so that the rows always cover the whole chain. A mean over steps
 * preserves the sum of autocovariances: with C_l the sums of lagged products of the rows and V the sum of squares of
 * all steps about each walker's mean, tau(M) = stride^2 (C_0 + 2 sum_{l <= M} C_l) / V, at the first M that reaches
 * Sokal's window, 5 tau. With stride 1 this is the estimator of autocorr.h, except that the walkers' sums are added
 * before they are divided. The C_l grow with each row; rows are read again only at a doubling.
 *
 * A periodic parameter has cosine and sine in the rows, and the result is that of the slower one.
 *
 * The steps left out at the start are chosen anew at each doubling, by the rule of ens_discard_auto: until log_prob is
 * within twice the range of the second half (here in whole rows), and then 5 times the longest tau of that half, but at
 * most the first half of the chain. */
#ifndef ENS_STATS_MONITOR_H
#define ENS_STATS_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/domain.h"
#include "stats/findings.h"

typedef struct ens_monitor ens_monitor;

/* Borrows `domain`, which must outlive the monitor; NULL: no parameter is periodic. Returns NULL: no memory. */
ens_monitor *ens_monitor_create(size_t nwalkers, size_t ndim, const ens_domain *domain);
void ens_monitor_destroy(ens_monitor *monitor); /* NULL is fine */
void ens_monitor_reset(ens_monitor *monitor);   /* forgets every step */

/* Adds the next step of the chain. True: it was a check, and the findings are new. Between two powers of two there are
 * 32 checks at equal distances; the first check is at step 128. */
bool ens_monitor_push(ens_monitor *monitor, const double *coords, const double *log_prob, const uint8_t *accepted);
uint64_t ens_monitor_steps(const ens_monitor *monitor); /* added so far */
/* The findings of the last check. Borrowed; valid until the next check. */
const ens_findings *ens_monitor_findings(const ens_monitor *monitor);

#endif
