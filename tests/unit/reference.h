/* The slow, plain sampler: emcee's algorithm word for word, one walker after the other, without ring, graph or blocks.
 * core/sampler.c must reproduce it byte for byte. */
#ifndef ENS_TEST_REFERENCE_H
#define ENS_TEST_REFERENCE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/sampler.h"

typedef double reference_log_prob(uint64_t step, uint32_t walker, const double *theta, size_t ndim, double *blob);

static const ens_move *reference_move(const ens_sampler_config *c, uint64_t step) {
  if (c->nmoves == 1) return c->move[0];
  double sum = 0, upto = 0;
  for (size_t i = 0; i < c->nmoves; i++) sum += c->weight[i];
  ens_stream s = ens_stream_at(c->seed, step, 0, ENS_RNG_MOVE);
  double u = ens_stream_uniform(&s);
  for (size_t i = 0; i < c->nmoves; i++)
    if (u <= (upto += c->weight[i]) / sum) return c->move[i];
  return c->move[c->nmoves - 1];
}

static void reference_sets(const ens_sampler_config *c, uint64_t step, size_t *set) {
  size_t W = c->nwalkers, nsets = c->nsplits, taken = 0;
  for (size_t k = 0; k < W; k++) set[k] = c->randomize_split ? nsets - 1 : k % nsets;
  size_t *left = malloc(W * sizeof *left);
  for (size_t k = 0; k < W; k++) left[k] = k;
  ens_stream s = ens_stream_at(c->seed, step, 0, ENS_RNG_SPLIT);
  uint64_t word = 0;
  for (size_t i = 0, n = 0; c->randomize_split && i < nsets - 1; i++)
    for (size_t size = W / nsets + (i < W % nsets); size > 0; size--, taken++) {
      uint64_t bound = W - taken, draw;
      do {
        if (n++ % 2 == 0) word = ens_stream_word(&s);
        draw = (n % 2 ? word & UINT32_MAX : word >> 32) * bound;
      } while ((draw & UINT32_MAX) < (UINT64_C(1) << 32) % bound);
      size_t j = taken + (size_t)(draw >> 32);
      set[left[j]] = i;
      left[j] = left[taken];
    }
  free(left);
}

/* One update of walker k in place: x [walker][ndim], lp [walker], blob [walker] (one blob). */
static int reference_update(const ens_sampler_config *c, uint64_t step, size_t k, const size_t *set, size_t ndim,
                            double *x, double *lp, double *blob, reference_log_prob *log_prob) {
  const ens_move *move = reference_move(c, step);
  size_t n = 0, index[512];
  const double *complement[512], *partner[512];
  for (size_t s = 0; s < c->nsplits; s++)
    for (size_t j = 0; j < c->nwalkers; j++)
      if (set[j] == s && s != set[k]) complement[n++] = x + j * ndim;
  ens_stream stream = ens_stream_at(c->seed, step, k, ENS_RNG_UPDATE);
  move->ops->partners(move, &stream, n, index);
  size_t npartners = move->ops->npartners(move, n);
  for (size_t i = 0; i < npartners; i++) partner[i] = complement[index[i]];
  static double scratch[65536];
  static double memory[256];
  ens_move_context context = {.ndim = ndim,
                              .ncomplement = n,
                              .npartners = npartners,
                              .seed = c->seed,
                              .step = step,
                              .scale = 1,
                              .scratch = scratch,
                              .memory = memory};
  double q[64], next[64], b, factor = move->ops->propose(move, &context, &stream, x + k * ndim, partner, q);
  while (move->ops->judge) {
    ens_move_answer answer = {x + k * ndim, q, lp[k], log_prob(step, (uint32_t)k, q, ndim, &b)};
    ens_verdict verdict = move->ops->judge(move, &context, &stream, &answer, next);
    if (verdict == ENS_MOVE_STAYS) return 0;
    if (verdict == ENS_MOVE_ACCEPTS) {
      memcpy(x + k * ndim, q, ndim * sizeof *q);
      lp[k] = answer.log_prob_q;
      blob[k] = b;
      return 1;
    }
    memcpy(q, next, ndim * sizeof *q);
  }
  double u = ens_stream_uniform(&stream), new = log_prob(step, (uint32_t)k, q, ndim, &b);
  if (!(new - lp[k] > log(u) - factor)) return 0;
  memcpy(x + k * ndim, q, ndim * sizeof *q);
  lp[k] = new;
  blob[k] = b;
  return 1;
}

/* Steps 1 .. n into chain [n][walker][ndim], log_probs [n][walker], blobs, accepted. */
static void reference_run(const ens_sampler_config *c, size_t ndim, uint64_t n, double *x, double *lp, double *blob,
                          reference_log_prob *log_prob, double *chain, double *log_probs, double *blobs,
                          unsigned char *accepted) {
  size_t W = c->nwalkers, *set = malloc(W * sizeof *set);
  unsigned char *flag = malloc(W);
  for (uint64_t t = 1; t <= n; t++) {
    reference_sets(c, t, set);
    for (size_t s = 0; s < c->nsplits; s++)
      for (size_t k = 0; k < W; k++)
        if (set[k] == s) flag[k] = (unsigned char)reference_update(c, t, k, set, ndim, x, lp, blob, log_prob);
    size_t i = (t - 1) * W;
    memcpy(chain + i * ndim, x, W * ndim * sizeof *x);
    memcpy(log_probs + i, lp, W * sizeof *lp);
    memcpy(blobs + i, blob, W * sizeof *blob);
    memcpy(accepted + i, flag, W);
  }
  free(set);
  free(flag);
}

#endif
