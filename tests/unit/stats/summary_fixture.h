/* Chains for summaries: AR(1) noise that a test may change first. If a test includes scarce.h, that comes before. */
#ifndef ENS_TEST_SUMMARY_FIXTURE_H
#define ENS_TEST_SUMMARY_FIXTURE_H

#include <stdint.h>
#include <stdlib.h>

#include "core/memory_chain.h"
#include "stats/summary/summary.h"
#include "unit.h"

static char *names[] = {"m", "b", "log_f", "d"};

static double noise(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

/* A chain that a test may change before its summary. */
typedef struct record {
  size_t nsteps, nwalkers, ndim;
  double *x, *log_prob;
  uint8_t *accepted;
} record;

/* AR(1) in every coordinate; every third proposal is rejected. */
static record make(size_t nsteps, size_t nwalkers, size_t ndim, double coefficient) {
  record m = {nsteps, nwalkers, ndim, NULL, NULL, NULL};
  size_t width = nwalkers * ndim;
  uint64_t state = 1;
  double *now = calloc(width, sizeof *now);
  m.x = malloc((nsteps * width + 1) * sizeof *m.x);
  m.log_prob = malloc((nsteps * nwalkers + 1) * sizeof *m.log_prob);
  m.accepted = malloc(nsteps * nwalkers + 1);
  for (size_t t = 0; t < nsteps; t++)
    for (size_t w = 0; w < nwalkers; w++) {
      m.accepted[t * nwalkers + w] = (t + w) % 3 != 0;
      m.log_prob[t * nwalkers + w] = noise(&state);
      for (size_t i = w * ndim; i < (w + 1) * ndim; i++) {
        now[i] = coefficient * now[i] + noise(&state);
        m.x[t * width + i] = now[i];
      }
    }
  free(now);
  return m;
}

static void unmake(record *m) {
  free(m->x);
  free(m->log_prob);
  free(m->accepted);
}

static ens_memory_chain *store(const record *m) {
  ens_memory_chain *memory = ens_memory_chain_create(m->nwalkers, m->ndim, 0);
  ens_sink *sink = ens_memory_chain_sink(memory);
  for (size_t t = 0; t < m->nsteps; t++) {
    ens_step step = {t + 1, m->x + t * m->nwalkers * m->ndim, m->log_prob + t * m->nwalkers,
                     NULL,  m->accepted + t * m->nwalkers,    0};
    CHECK(sink->ops->step(sink, &step, NULL) == ENS_OK);
  }
  return memory;
}

static ens_summary summarise_judged(const record *m, uint64_t discard, uint64_t thin,
                                    const ens_summary_acceptance *judged) {
  ens_memory_chain *memory = store(m);
  ens_error error = ENS_ERROR_NONE;
  ens_summary summary;
  CHECK(ens_summary_compute(ens_memory_chain_chain(memory), &(ens_summary_request){names, discard, thin, judged},
                            &summary, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  ens_memory_chain_destroy(memory);
  return summary;
}

static inline ens_summary summarise(const record *m, uint64_t discard, uint64_t thin) {
  return summarise_judged(m, discard, thin, NULL);
}

static inline int has_warning(const ens_summary *summary, const char *part) {
  for (size_t i = 0; i < summary->nwarnings; i++)
    if (strstr(summary->warning[i], part)) return 1;
  return 0;
}

static inline void check_unknown(const ens_summary_parameter *p) {
  CHECK(isnan(p->tau) && isnan(p->ess) && isnan(p->mcse_mean) && isnan(p->rhat));
}

#endif
