/* Bins of one quantity: edges, taken from a sample of its values, are bins themselves, and so are the gaps between
 * them and beyond. A value that repeats often is then an edge, and known exactly. */
#ifndef ENS_STATS_BINS_H
#define ENS_STATS_BINS_H

#include <stddef.h>
#include <stdint.h>

enum { ENS_BINS_EDGES = 2048, ENS_BINS_SAMPLE = 4 * ENS_BINS_EDGES, ENS_BINS_CELLS = 2048 };

typedef struct ens_bins {
  size_t nedges;
  double edge[ENS_BINS_EDGES];            /* increasing */
  double cell_low, cell_scale;            /* equal cells over the bulk of the edges, a first guess of the search */
  uint16_t cell_edge[ENS_BINS_CELLS + 1]; /* [c]: the last edge of all cells before c */
  uint64_t count[2 * ENS_BINS_EDGES + 1]; /* 2i + 1: equal to edge i; 2i: between edge i - 1 and edge i */
  double score[2 * ENS_BINS_EDGES + 1];   /* normal score of the bin's mean rank, once ranked */
  double score_mean, score_variance;      /* over all values, n - 1 */
} ens_bins;

/* Edges from `sample`, which is sorted in place; counts are zero then. size > 0, at most ENS_BINS_SAMPLE. */
void ens_bins_set(ens_bins *bins, double *sample, size_t size);

/* Never decreases with x, rounded or not: so an edge in an earlier cell is less than x. */
static inline size_t ens_bins_cell(const ens_bins *bins, double x) {
  double at = (x - bins->cell_low) * bins->cell_scale;
  return at < ENS_BINS_CELLS ? (at > 0 ? (size_t)at : 0) : ENS_BINS_CELLS - 1;
}

/* Bin of a value, 0 .. 2 nedges. */
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

/* The bin in which the value of rank `rank` (from 0) is; `below` gets the count of all bins before it. */
size_t ens_bins_rank(const ens_bins *bins, uint64_t rank, uint64_t *below);

/* Fills score: z = Phi^-1((r - 3/8) / (total + 1/4)) of the mean rank r of a bin's values (Vehtari et al. 2021; ties
 * share their mean rank, and so do the values of a gap, some thousandths of all). */
void ens_bins_score(ens_bins *bins);

#endif
