/* Sums of lagged products, sum_t y_t y_{t-l}, for all lags l up to a block length, added up over the series of a group.
 * The series come in rows, a few at a time. Memory depends on the block length, not on the length of the series. */
#ifndef ENS_STATS_LAGSUM_H
#define ENS_STATS_LAGSUM_H

#include <stddef.h>
#include <stdint.h>

typedef struct ens_lagsum ens_lagsum;

/* A series in a table of rows: y = ((row[column] - base) - offset) * scale. The mean is split in two numbers so that a
 * large base costs no digits. */
typedef struct ens_lagsum_series {
  size_t column, group;
  double base, offset, scale;
} ens_lagsum_series;

/* The smallest block, a power of two, for at least `lags` lags. */
uint64_t ens_lagsum_block(uint64_t lags);
/* For the lags 0 .. block; `block` is a power of two. `series` is borrowed until destroyed. The series of a group are
 * neighbours, and groups count from 0. NULL: no memory. */
ens_lagsum *ens_lagsum_create(const ens_lagsum_series *series, size_t nseries, size_t ngroups, size_t block);
void ens_lagsum_destroy(ens_lagsum *lagsum);

/* Bytes per pair of series of a group, or per single series, without the memory of the groups. */
size_t ens_lagsum_bytes(size_t block);

/* Adds the next `count` rows, `stride` doubles apart. */
void ens_lagsum_push(ens_lagsum *lagsum, const double *rows, size_t count, size_t stride);

/* Adds the sums of each group to sums[group][0 .. block]. Call it once, after the last row. */
void ens_lagsum_finish(ens_lagsum *lagsum, double *sums);

#endif
