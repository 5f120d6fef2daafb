/* Mean and sum of squared deviations of many series at once. Rows are fed in blocks. Each block is shifted by its first
 * row and joined to the earlier ones (Chan, Golub and LeVeque 1983, Am. Stat. 37, 242), so that no offset costs digits.
 */
#ifndef ENS_STATS_MOMENTS_H
#define ENS_STATS_MOMENTS_H

#include <stddef.h>

#include "stats/pass.h"

typedef struct ens_moments ens_moments;

/* Series i < nseries is element i * step of a row. NULL: no memory. */
ens_moments *ens_moments_create(size_t nseries, size_t step);
void ens_moments_destroy(ens_moments *moments); /* NULL is fine */

/* Adds a block of `count` rows, `stride` doubles apart. */
void ens_moments_push(ens_moments *moments, const double *rows, size_t count, size_t stride);

/* Feeds every coordinate of every walker in one pass, for nseries = walkers x dims and step 1. Borrowed. */
ens_visitor *ens_moments_visitor(ens_moments *moments);

double ens_moments_mean(const ens_moments *moments, size_t series); /* base + offset, rounded */
double ens_moments_base(const ens_moments *moments, size_t series); /* the first value */
double ens_moments_offset(const ens_moments *moments, size_t series);
/* The sum of (x - mean)^2; exactly 0 for a constant series. */
double ens_moments_squares(const ens_moments *moments, size_t series);

#endif
