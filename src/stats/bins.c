/* Cells and edges alternate; a value is found by binary search and counted. */
#include "stats/bins.h"

#include <math.h>
#include <string.h>

#include "base/probit.h"
#include "base/sort.h"

/* Cells cover the edges except the outermost 1/64 on each side, which heavy tails may stretch without limit. */
static void set_cells(ens_bins *bins) {
  size_t tail = bins->nedges / 64;
  double span = bins->edge[bins->nedges - 1 - tail] - bins->edge[tail];
  bins->cell_low = bins->edge[tail];
  bins->cell_scale = span > 0 && isfinite(ENS_BINS_CELLS / span) ? ENS_BINS_CELLS / span : 0.0;
  size_t edge = 0;
  for (size_t cell = 0; cell <= ENS_BINS_CELLS; cell++) {
    while (edge < bins->nedges && ens_bins_cell(bins, bins->edge[edge]) < cell) edge++;
    bins->cell_edge[cell] = (uint16_t)(edge > 0 ? edge - 1 : 0);
  }
}

/* The edges are every k-th value of the sorted sample and the greatest one, without repeats. */
void ens_bins_set(ens_bins *bins, double *sample, size_t size) {
  ens_sort_doubles(sample, size);
  size_t every = (size + ENS_BINS_EDGES - 2) / (ENS_BINS_EDGES - 1);
  memset(bins->count, 0, sizeof bins->count);
  bins->nedges = 0;
  for (size_t i = 0; i < size; i += every)
    if (bins->nedges == 0 || sample[i] > bins->edge[bins->nedges - 1]) bins->edge[bins->nedges++] = sample[i];
  if (sample[size - 1] > bins->edge[bins->nedges - 1]) bins->edge[bins->nedges++] = sample[size - 1];
  set_cells(bins);
}

size_t ens_bins_rank(const ens_bins *bins, uint64_t rank, uint64_t *below) {
  size_t bin = 0;
  *below = 0;
  while (bin < 2 * bins->nedges && *below + bins->count[bin] <= rank) *below += bins->count[bin++];
  return bin;
}

static uint64_t total_count(const ens_bins *bins) {
  uint64_t total = 0;
  for (size_t b = 0; b <= 2 * bins->nedges; b++) total += bins->count[b];
  return total;
}

static void score_moments(ens_bins *bins, double total) {
  double sum = 0, squares = 0;
  for (size_t b = 0; b <= 2 * bins->nedges; b++) sum += (double)bins->count[b] * bins->score[b];
  bins->score_mean = sum / total;
  for (size_t b = 0; b <= 2 * bins->nedges; b++) {
    double d = bins->score[b] - bins->score_mean;
    squares += (double)bins->count[b] * d * d;
  }
  bins->score_variance = total > 1 ? squares / (total - 1) : NAN;
}

void ens_bins_score(ens_bins *bins) {
  double below = 0, total = (double)total_count(bins);
  for (size_t b = 0; b <= 2 * bins->nedges; b++) {
    double count = (double)bins->count[b], rank = below + 0.5 * (count + 1);
    bins->score[b] = count > 0 ? ens_probit((rank - 0.375) / (total + 0.25)) : 0.0;
    below += count;
  }
  score_moments(bins, total);
}
