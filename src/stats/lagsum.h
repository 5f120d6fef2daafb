/* Sums of lagged products, sum_t y_t y_{t-l}, of series that come in blocks, for all lags l up to a block of the
 * transform, added up over the series of a group. Memory depends on the lags, not on the length of the series. */
#ifndef ENS_STATS_LAGSUM_H
#define ENS_STATS_LAGSUM_H

#include <stddef.h>

typedef struct ens_lagsum ens_lagsum;

/* A series of a table of rows: y = ((row[column] - base) - offset) * scale. Its mean is in two numbers, so that a large
 * base costs no digits. */
typedef struct ens_lagsum_series {
  size_t column, group;
  double base, offset, scale;
} ens_lagsum_series;

/* Sums for the lags 0 .. block, a power of two. `series` is borrowed while the handle lives; series of one group are
 * neighbours, groups count from 0. NULL: no memory. */
ens_lagsum *ens_lagsum_create(const ens_lagsum_series *series, size_t nseries, size_t ngroups, size_t block);
void ens_lagsum_destroy(ens_lagsum *lagsum);

/* Bytes that a series without a partner needs, beside those of the groups (with one: half): for whoever must choose
 * how many to take at once. */
size_t ens_lagsum_bytes(size_t block);

/* The next `count` rows, `stride` doubles apart. */
void ens_lagsum_push(ens_lagsum *lagsum, const double *rows, size_t count, size_t stride);

/* Adds the sums of each group to sums[group][0 .. block]. Once, after the last row. */
void ens_lagsum_finish(ens_lagsum *lagsum, double *sums);

#endif
