/* Mean and sum of squared deviations of many series at once, fed row by row in blocks; stable for any offset: each
 * block is shifted by its first row and joined to the ones before (Chan, Golub and LeVeque 1983). */
#ifndef ENS_STATS_MOMENTS_H
#define ENS_STATS_MOMENTS_H

#include <stddef.h>

#include "stats/pass.h"

typedef struct ens_moments ens_moments;

/* `nseries` series; series i is row[i * step]. NULL: no memory. */
ens_moments *ens_moments_create(size_t nseries, size_t step);
void ens_moments_destroy(ens_moments *moments);

void ens_moments_push(ens_moments *moments, const double *rows, size_t count, size_t stride);

/* Feeds every coordinate of every walker (nseries = walkers x dims, step 1), in one pass. Borrowed. */
ens_visitor *ens_moments_visitor(ens_moments *moments);

double ens_moments_mean(const ens_moments *moments, size_t series); /* base + offset, rounded */
double ens_moments_base(const ens_moments *moments, size_t series); /* the first value */
double ens_moments_offset(const ens_moments *moments, size_t series);
/* Sum of (x - mean)^2; exactly 0 for a constant series. */
double ens_moments_squares(const ens_moments *moments, size_t series);

#endif
