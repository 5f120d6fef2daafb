/* Selects order statistics. Doubles in order are integers in order (their bits, inverted for negative ones), so a gap
 * is an interval of integers. Cutting it into 1024 parts takes few passes for any values. */
#include "stats/quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

enum { PARTS = 1024, RANKS = 2 * ENS_QUANTILE_MOST };

/* Values collected at a time for all parameters: 4 MiB. */
#define COLLECT_MOST ((uint64_t)1 << 19)

/* The draws with a key in low .. high. */
struct interval {
  uint64_t low, high, below, count; /* below: number of draws with smaller keys */
};

struct target {
  struct interval range;
  double *values;  /* [range.count] collected draws; or */
  uint64_t *parts; /* [PARTS] counts of parts (key - low) >> shift */
  uint64_t filled;
  unsigned shift;
};

struct wanted {
  uint64_t rank; /* from 0 */
  struct interval range;
  size_t target;
  double value;
  uint64_t upto; /* draws <= value */
  bool found;
};

struct quest {
  ens_bins bins;
  double *sample; /* [ENS_BINS_SAMPLE] until the bins are set */
  size_t nsample, ntargets;
  struct target targets[RANKS];
  struct wanted wanted[RANKS];
};

typedef enum phase { PHASE_SAMPLE, PHASE_COUNT, PHASE_SEARCH } phase;

struct ens_quantile {
  ens_visitor visitor;
  size_t nwalkers, ndim, nranks;
  double total, probabilities[ENS_QUANTILE_MOST];
  phase phase;
  uint64_t every, next, seen; /* sample: every so many draws; the next one; draws of earlier blocks */
  struct quest *quests;       /* [ndim] */
};

static uint64_t key_of(double x) {
  uint64_t bits;
  x += 0.0; /* turns -0 into 0 */
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_of(uint64_t key) {
  uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* The distance between sampled draws, without common factors with nwalkers, so that every walker is sampled. */
static uint64_t sample_step(uint64_t total, uint64_t nwalkers) {
  uint64_t every = (total - 1) / ENS_BINS_SAMPLE + 1;
  while (common_divisor(every, nwalkers) != 1) every++;
  return every;
}

/* The two order statistics on either side of each quantile. */
static void set_ranks(const ens_quantile *quantile, struct quest *quest, uint64_t total) {
  for (size_t i = 0; i < quantile->nranks; i++) {
    double at = floor(quantile->probabilities[i / 2] * (double)(total - 1));
    uint64_t rank = (uint64_t)at + i % 2;
    quest->wanted[i].rank = rank < total ? rank : total - 1;
  }
}

ens_quantile *ens_quantile_create(size_t nwalkers, size_t ndim, uint64_t ndraws, const double *probabilities,
                                  size_t nprobabilities) {
  ens_quantile *quantile = calloc(1, sizeof *quantile);
  if (!quantile) return NULL;
  uint64_t total = ndraws * nwalkers;
  *quantile = (ens_quantile){.nwalkers = nwalkers, .ndim = ndim, .nranks = 2 * nprobabilities, .total = (double)total};
  memcpy(quantile->probabilities, probabilities, nprobabilities * sizeof *probabilities);
  quantile->every = sample_step(total, nwalkers);
  quantile->quests = calloc(ndim + 1, sizeof *quantile->quests);
  if (!quantile->quests) goto fail;
  for (size_t d = 0; d < ndim; d++) set_ranks(quantile, &quantile->quests[d], total);
  return quantile;
fail:
  ens_quantile_destroy(quantile);
  return NULL;
}

static void free_targets(struct quest *quest) {
  for (size_t i = 0; i < quest->ntargets; i++) {
    free(quest->targets[i].values);
    free(quest->targets[i].parts);
  }
  quest->ntargets = 0;
}

void ens_quantile_destroy(ens_quantile *quantile) {
  if (!quantile) return;
  for (size_t d = 0; quantile->quests && d < quantile->ndim; d++) {
    free_targets(&quantile->quests[d]);
    free(quantile->quests[d].sample);
  }
  free(quantile->quests);
  free(quantile);
}

/* One target per interval. Ranks increase, so ranks in the same interval are neighbours. */
static void set_targets(const ens_quantile *quantile, struct quest *quest) {
  quest->ntargets = 0;
  for (size_t i = 0; i < quantile->nranks; i++) {
    struct wanted *wanted = &quest->wanted[i];
    if (wanted->found) continue;
    size_t n = quest->ntargets;
    if (n == 0 || quest->targets[n - 1].range.low != wanted->range.low) {
      quest->targets[n] = (struct target){.range = wanted->range};
      quest->ntargets = ++n;
    }
    wanted->target = n - 1;
  }
}

static void set_shift(struct target *target) {
  while ((target->range.high - target->range.low) >> target->shift >= PARTS) target->shift++;
}

/* Targets that fit into memory are collected, the others counted. */
static bool allocate_targets(struct quest *quest, uint64_t *held) {
  for (size_t i = 0; i < quest->ntargets; i++) {
    struct target *target = &quest->targets[i];
    if (target->range.count <= COLLECT_MOST - *held) {
      *held += target->range.count;
      target->values = malloc((size_t)target->range.count * sizeof *target->values);
    } else {
      set_shift(target);
      target->parts = calloc(PARTS, sizeof *target->parts);
    }
    if (!target->values && !target->parts) return false;
  }
  return true;
}

static ens_status visit_begin(ens_visitor *self, ens_error *error) {
  ens_quantile *quantile = (ens_quantile *)self;
  uint64_t held = 0;
  for (size_t d = 0; d < quantile->ndim; d++) {
    struct quest *quest = &quantile->quests[d];
    if (quantile->phase == PHASE_SAMPLE) {
      quest->sample = malloc(ENS_BINS_SAMPLE * sizeof *quest->sample);
      if (!quest->sample) return ens_error_memory(error);
    } else if (quantile->phase == PHASE_SEARCH) {
      set_targets(quantile, quest);
      if (!allocate_targets(quest, &held)) return ens_error_memory(error);
    }
  }
  return ENS_OK;
}

static void sample_draws(ens_quantile *quantile, const double *coords, size_t ndraws) {
  for (; quantile->next < quantile->seen + ndraws; quantile->next += quantile->every) {
    const double *draw = coords + (size_t)(quantile->next - quantile->seen) * quantile->ndim;
    for (size_t d = 0; d < quantile->ndim; d++) {
      struct quest *quest = &quantile->quests[d];
      if (quest->nsample < ENS_BINS_SAMPLE) quest->sample[quest->nsample++] = draw[d];
    }
  }
  quantile->seen += ndraws;
}

static void count_draws(ens_bins *bins, const double *x, size_t ndraws, size_t ndim) {
  for (size_t i = 0; i < ndraws; i++, x += ndim) bins->count[ens_bins_find(bins, *x)]++;
}

static void add_value(struct target *target, double x, uint64_t key) {
  if (key < target->range.low || key > target->range.high) return;
  if (target->parts)
    target->parts[(key - target->range.low) >> target->shift]++;
  else if (target->filled < target->range.count)
    target->values[target->filled++] = x;
}

static void search_draws(struct quest *quest, const double *x, size_t ndraws, size_t ndim) {
  for (size_t i = 0; quest->ntargets > 0 && i < ndraws; i++, x += ndim) {
    uint64_t key = key_of(*x);
    size_t at = 0;
    for (size_t k = 0; k + 1 < quest->ntargets; k++) at += quest->targets[k].range.high < key;
    add_value(&quest->targets[at], *x, key);
  }
}

static void visit_draws(ens_visitor *self, const double *coords, size_t count) {
  ens_quantile *quantile = (ens_quantile *)self;
  size_t ndraws = count * quantile->nwalkers;
  if (quantile->phase == PHASE_SAMPLE) {
    sample_draws(quantile, coords, ndraws);
    return;
  }
  for (size_t d = 0; d < quantile->ndim; d++) {
    struct quest *quest = &quantile->quests[d];
    if (quantile->phase == PHASE_COUNT)
      count_draws(&quest->bins, coords + d, ndraws, quantile->ndim);
    else
      search_draws(quest, coords + d, ndraws, quantile->ndim);
  }
}

static void settle(struct wanted *wanted, double value) {
  wanted->value = value;
  wanted->upto = wanted->range.below + wanted->range.count;
  wanted->found = true;
}

/* In the bin of an edge the value is found; a gap is an interval to search. */
static void locate_rank(const ens_bins *bins, struct wanted *wanted) {
  size_t bin = ens_bins_rank(bins, wanted->rank, &wanted->range.below), gap = bin / 2;
  wanted->range.count = bins->count[bin];
  if (bin % 2 == 1) {
    settle(wanted, bins->edge[gap]);
    return;
  }
  wanted->range.low = gap > 0 ? key_of(bins->edge[gap - 1]) + 1 : 0;
  wanted->range.high = gap < bins->nedges ? key_of(bins->edge[gap]) - 1 : UINT64_MAX;
}

static void pick_value(const struct target *target, struct wanted *wanted) {
  uint64_t at = wanted->rank - target->range.below, last = at;
  while (last + 1 < target->filled && !(target->values[last + 1] > target->values[at])) last++;
  settle(wanted, target->values[at]);
  wanted->upto = target->range.below + last + 1;
}

static void narrow_range(const struct target *target, struct wanted *wanted) {
  struct interval *range = &wanted->range;
  uint64_t part = 0;
  while (part + 1 < PARTS && range->below + target->parts[part] <= wanted->rank) range->below += target->parts[part++];
  range->count = target->parts[part];
  range->low = target->range.low + (part << target->shift);
  uint64_t width = ((uint64_t)1 << target->shift) - 1;
  if (target->range.high - range->low > width) range->high = range->low + width;
  if (range->low == range->high) settle(wanted, value_of(range->low));
}

static bool settle_ranks(const ens_quantile *quantile, struct quest *quest) {
  bool done = true;
  for (size_t i = 0; i < quest->ntargets; i++) {
    struct target *target = &quest->targets[i];
    if (target->values) ens_sort_doubles(target->values, (size_t)target->filled);
  }
  for (size_t i = 0; i < quantile->nranks; i++) {
    struct wanted *wanted = &quest->wanted[i];
    if (wanted->found) continue;
    const struct target *target = &quest->targets[wanted->target];
    target->values ? pick_value(target, wanted) : narrow_range(target, wanted);
    done = done && wanted->found;
  }
  free_targets(quest);
  return done;
}

static void set_bins(struct quest *quest) {
  ens_bins_set(&quest->bins, quest->sample, quest->nsample);
  free(quest->sample);
  quest->sample = NULL;
}

static bool locate_ranks(const ens_quantile *quantile, struct quest *quest) {
  bool done = true;
  ens_bins_score(&quest->bins);
  for (size_t i = 0; i < quantile->nranks; i++) {
    locate_rank(&quest->bins, &quest->wanted[i]);
    done = done && quest->wanted[i].found;
  }
  return done;
}

static void visit_end(ens_visitor *self) {
  ens_quantile *quantile = (ens_quantile *)self;
  bool done = quantile->phase != PHASE_SAMPLE;
  for (size_t d = 0; d < quantile->ndim; d++) {
    struct quest *quest = &quantile->quests[d];
    if (quantile->phase == PHASE_SAMPLE) set_bins(quest);
    if (quantile->phase == PHASE_COUNT) done = locate_ranks(quantile, quest) && done;
    if (quantile->phase == PHASE_SEARCH) done = settle_ranks(quantile, quest) && done;
  }
  quantile->phase = quantile->phase == PHASE_SAMPLE ? PHASE_COUNT : PHASE_SEARCH;
  self->done = done;
}

static const ens_visitor_ops quantile_ops = {visit_begin, visit_draws, visit_end};

ens_visitor *ens_quantile_visitor(ens_quantile *quantile) {
  quantile->visitor.ops = &quantile_ops;
  return &quantile->visitor;
}

/* numpy's interpolation, from the nearer end, so that both ends come out exactly. */
double ens_quantile_value(const ens_quantile *quantile, size_t dim, size_t i) {
  double at = quantile->probabilities[i] * (quantile->total - 1), part = at - floor(at);
  double low = quantile->quests[dim].wanted[2 * i].value, high = quantile->quests[dim].wanted[2 * i + 1].value;
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

uint64_t ens_quantile_upto(const ens_quantile *quantile, size_t dim, size_t i) {
  const struct wanted *pair = &quantile->quests[dim].wanted[2 * i];
  return ens_quantile_value(quantile, dim, i) < pair[1].value ? pair[0].upto : pair[1].upto;
}

const ens_bins *ens_quantile_bins(const ens_quantile *quantile, size_t dim) {
  return &quantile->quests[dim].bins;
}
