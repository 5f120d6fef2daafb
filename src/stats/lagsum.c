/* A block of B values is transformed once, zero-padded to 2B, and multiplied by the conjugates of its own transform and
 * of the previous block's. The shift by B that puts the previous block in front is a factor (-1)^k. So lags up to B
 * come out free of wrapping. The even frequencies of the padded transform are the transform of the block, the odd ones
 * that of the block times exp(-pi i t / B), so that no zeros are transformed. Two series of a group share a complex
 * transform: the real part of its autocovariance is the sum of theirs. Spectra are added up, and one inverse transform
 * per group gives the sums. */
#include "stats/lagsum.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"

enum { TILE = 128 }; /* rows copied at a time, so that they stay in a cache until every series is copied */

typedef struct couple {
  const ens_lagsum_series *first, *second; /* second may be NULL */
  double *stage;                           /* [B] pairs: the block in progress */
  double *spectrum;                        /* [2][B] pairs, even and odd frequencies of the previous block */
} couple;

struct ens_lagsum {
  size_t block, fill, nduos, ngroups;
  ens_fft *fft;
  double *twist; /* [B] pairs exp(-pi i t / B) */
  double *work;  /* [2][B] pairs: the spectrum in progress */
  double *power; /* [group][2][B] pairs */
  double *memory;
  couple *duos;
};

uint64_t ens_lagsum_block(uint64_t lags) {
  uint64_t block = 1;
  while (block < lags && block < UINT64_MAX / 2) block *= 2;
  return block;
}

size_t ens_lagsum_bytes(size_t block) {
  return 6 * block * sizeof(double);
}

static size_t pair_up(couple *duos, const ens_lagsum_series *series, size_t nseries) {
  size_t count = 0;
  for (size_t s = 0; s < nseries; count++) {
    bool partner = s + 1 < nseries && series[s + 1].group == series[s].group;
    duos[count].first = &series[s];
    duos[count].second = partner ? &series[s + 1] : NULL;
    s += partner ? 2 : 1;
  }
  return count;
}

static bool allocate_blocks(ens_lagsum *lagsum) {
  size_t block = lagsum->block, doubles = 6 * block;
  if (lagsum->nduos > SIZE_MAX / sizeof(double) / doubles || lagsum->ngroups > SIZE_MAX / sizeof(double) / doubles)
    return false;
  lagsum->memory = calloc(lagsum->nduos * doubles + 1, sizeof(double));
  lagsum->power = calloc(lagsum->ngroups * 4 * block + 1, sizeof(double));
  if (!lagsum->memory || !lagsum->power) return false;
  for (size_t i = 0; i < lagsum->nduos; i++) {
    lagsum->duos[i].stage = lagsum->memory + i * doubles;
    lagsum->duos[i].spectrum = lagsum->duos[i].stage + 2 * block;
  }
  return true;
}

static bool allocate_transform(ens_lagsum *lagsum) {
  size_t block = lagsum->block;
  lagsum->fft = ens_fft_create(block);
  if (!lagsum->fft) return false;
  lagsum->twist = malloc(2 * block * sizeof(double));
  lagsum->work = malloc(4 * block * sizeof(double));
  if (!lagsum->twist || !lagsum->work) return false;
  for (size_t t = 0; t < block; t++) {
    double *w = lagsum->twist + 2 * t;
    ens_fft_turn(t, 2 * block, &w[0], &w[1]);
    w[1] = -w[1];
  }
  return true;
}

ens_lagsum *ens_lagsum_create(const ens_lagsum_series *series, size_t nseries, size_t ngroups, size_t block) {
  ens_lagsum *lagsum = calloc(1, sizeof *lagsum);
  if (!lagsum) return NULL;
  lagsum->block = block;
  lagsum->ngroups = ngroups;
  lagsum->duos = calloc(nseries + 1, sizeof *lagsum->duos);
  if (!lagsum->duos || !allocate_transform(lagsum)) goto fail;
  lagsum->nduos = pair_up(lagsum->duos, series, nseries);
  if (!allocate_blocks(lagsum)) goto fail;
  return lagsum;
fail:
  ens_lagsum_destroy(lagsum);
  return NULL;
}

void ens_lagsum_destroy(ens_lagsum *lagsum) {
  if (!lagsum) return;
  ens_fft_destroy(lagsum->fft);
  free(lagsum->twist);
  free(lagsum->work);
  free(lagsum->power);
  free(lagsum->memory);
  free(lagsum->duos);
  free(lagsum);
}

static void stage_series(double *stage, const ens_lagsum_series *series, const double *rows, size_t count,
                         size_t stride) {
  const double *value = rows + series->column;
  double base = series->base, offset = series->offset, scale = series->scale;
  for (size_t t = 0; t < count; t++, value += stride) stage[2 * t] = ((*value - base) - offset) * scale;
}

static void stage_rows(ens_lagsum *lagsum, const double *rows, size_t count, size_t stride) {
  for (size_t i = 0; i < lagsum->nduos; i++) {
    const couple *duo = &lagsum->duos[i];
    double *stage = duo->stage + 2 * lagsum->fill;
    stage_series(stage, duo->first, rows, count, stride);
    if (duo->second) stage_series(stage + 1, duo->second, rows, count, stride);
  }
}

/* The padded block's spectrum: even frequencies to work[0 .. B), odd ones to work[B .. 2B). */
static void transform_block(ens_lagsum *lagsum, const double *stage) {
  double *even = lagsum->work, *odd = even + 2 * lagsum->block;
  const double *w = lagsum->twist;
  memcpy(even, stage, 2 * lagsum->block * sizeof *even);
  for (size_t t = 0; t < 2 * lagsum->block; t += 2) {
    odd[t] = stage[t] * w[t] - stage[t + 1] * w[t + 1];
    odd[t + 1] = stage[t] * w[t + 1] + stage[t + 1] * w[t];
  }
  ens_fft_forward(lagsum->fft, even);
  ens_fft_forward(lagsum->fft, odd);
}

/* power += z conj(z + sign * before); before = z. */
static void add_power(double *power, double *before, const double *z, size_t pairs, double sign) {
  for (size_t k = 0; k < 2 * pairs; k += 2) {
    double re = z[k] + sign * before[k], im = z[k + 1] + sign * before[k + 1];
    power[k] += z[k] * re + z[k + 1] * im;
    power[k + 1] += z[k + 1] * re - z[k] * im;
    before[k] = z[k];
    before[k + 1] = z[k + 1];
  }
}

static void flush_block(ens_lagsum *lagsum) {
  size_t block = lagsum->block, half = 2 * block;
  for (size_t i = 0; i < lagsum->nduos; i++) {
    const couple *duo = &lagsum->duos[i];
    double *power = lagsum->power + duo->first->group * 2 * half;
    transform_block(lagsum, duo->stage);
    add_power(power, duo->spectrum, lagsum->work, block, 1.0);
    add_power(power + half, duo->spectrum + half, lagsum->work + half, block, -1.0);
  }
  lagsum->fill = 0;
}

void ens_lagsum_push(ens_lagsum *lagsum, const double *rows, size_t count, size_t stride) {
  while (count > 0) {
    size_t room = lagsum->block - lagsum->fill, take = count < room ? count : room;
    if (take > TILE) take = TILE;
    stage_rows(lagsum, rows, take, stride);
    lagsum->fill += take;
    if (lagsum->fill == lagsum->block) flush_block(lagsum);
    rows += take * stride;
    count -= take;
  }
}

static void flush_rest(ens_lagsum *lagsum) {
  if (lagsum->fill == 0) return;
  size_t done = 2 * lagsum->fill, all = 2 * lagsum->block;
  for (size_t i = 0; i < lagsum->nduos; i++) memset(lagsum->duos[i].stage + done, 0, (all - done) * sizeof(double));
  flush_block(lagsum);
}

/* Lag t is (even_t + Re(odd_t conj(twist_t))) / 2B; lag B is (even_0 - odd_0) / 2B. */
static void add_lags(ens_lagsum *lagsum, double *power, double *sums) {
  size_t block = lagsum->block;
  double *even = power, *odd = power + 2 * block, unit = 0.5 / (double)block;
  const double *w = lagsum->twist;
  ens_fft_inverse(lagsum->fft, even);
  ens_fft_inverse(lagsum->fft, odd);
  for (size_t t = 0; t < block; t++) {
    double turned = odd[2 * t] * w[2 * t] + odd[2 * t + 1] * w[2 * t + 1];
    sums[t] += (even[2 * t] + turned) * unit;
  }
  sums[block] += (even[0] - odd[0]) * unit;
}

void ens_lagsum_finish(ens_lagsum *lagsum, double *sums) {
  flush_rest(lagsum);
  for (size_t g = 0; g < lagsum->ngroups; g++)
    add_lags(lagsum, lagsum->power + g * 4 * lagsum->block, sums + g * (lagsum->block + 1));
}
