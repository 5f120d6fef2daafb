/* Bins of one quantity. The edges come from a sample of its values. Each edge is a bin by itself, and so is each gap
 * between two edges and on either side of all. A value that repeats often becomes an edge, so that its count is exact.
 */
#ifndef ENS_STATS_BINS_H
#define ENS_STATS_BINS_H

#include <stddef.h>
#include <stdint.h>

enum { ENS_BINS_EDGES = 2048, ENS_BINS_SAMPLE = 4 * ENS_BINS_EDGES, ENS_BINS_CELLS = 2048 };

typedef struct ens_bins {
  size_t nedges;
  double edge[ENS_BINS_EDGES];            /* increasing */
  double cell_low, cell_scale;            /* cells of equal width over the bulk of the edges, where a search begins */
  uint16_t cell_edge[ENS_BINS_CELLS + 1]; /* [c] the last edge in the cells before c */
  uint64_t count[2 * ENS_BINS_EDGES + 1]; /* [2i + 1] values equal to edge i, [2i] between edges i - 1 and i */
  double score[2 * ENS_BINS_EDGES + 1];   /* normal score of the bin's mean rank; set by ens_bins_score */
  double score_mean, score_variance;      /* over all values; variance with n - 1 */
} ens_bins;

/* Sets the edges from sample[size], which is sorted in place, and the counts to 0. 0 < size <= ENS_BINS_SAMPLE. */
void ens_bins_set(ens_bins *bins, double *sample, size_t size);

/* The cell of a value. It never decreases with x, rounded or not, so that an edge in an earlier cell is less than x. */
static inline size_t ens_bins_cell(const ens_bins *bins, double x) {
  double at = (x - bins->cell_low) * bins->cell_scale;
  return at < ENS_BINS_CELLS ? (at > 0 ? (size_t)at : 0) : ENS_BINS_CELLS - 1;
}

/* The bin of a value, 0 .. 2 nedges. */
static inline size_t ens_bins_find(const ens_bins *bins, double x) {
  const double *edge = bins->edge;
  const uint16_t *bounds = &bins->cell_edge[ens_bins_cell(bins, x)];
  size_t at = bounds[0];
  for (size_t left = (size_t)(bounds[1] - bounds[0]) + 1; left > 1;) { /* the last edge that is not above x */
    size_t half = left / 2;
    at += half & (0 - (size_t)(edge[at + half] <= x));
    left -= half;
  }
  return 2 * at + (size_t)(x >= edge[at]) + (size_t)(x > edge[at]);
}

/* The bin of the value with rank `rank` (from 0). *below: the number of values in all bins before it. */
size_t ens_bins_rank(const ens_bins *bins, uint64_t rank, uint64_t *below);

/* Fills score: z = Phi^-1((r - 3/8) / (total + 1/4)) of the mean rank r of a bin's values (Vehtari et al. 2021,
 * Bayesian Anal. 16, 667). Ties share their mean rank, and so do the values of a gap, about a thousandth of all. */
void ens_bins_score(ens_bins *bins);

#endif
