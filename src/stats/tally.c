/* Reads log_prob and the accepted flags once, in blocks. */
#include "stats/tally.h"

#include <math.h>
#include <stdlib.h>

struct reading {
  ens_tally *tally;
  const ens_pass *pass;
  uint64_t after; /* steps after discard */
  double reference,
      sum; /* sum of log_prob - reference, the first finite one: log_prob may be large and nearly constant */
  double kept;
};

static ens_status allocate(ens_tally *tally, size_t nwalkers, ens_error *error) {
  *tally = (ens_tally){.nwalkers = nwalkers, .log_prob_max = -INFINITY, .log_prob_mean = NAN};
  tally->accepted = calloc(nwalkers + 1, sizeof *tally->accepted);
  tally->moved = calloc(nwalkers + 1, sizeof *tally->moved);
  tally->finite = calloc(nwalkers + 1, sizeof *tally->finite);
  tally->level = calloc(nwalkers + 1, sizeof *tally->level);
  if (tally->accepted && tally->moved && tally->finite && tally->level) return ENS_OK;
  ens_tally_free(tally);
  return ens_error_memory(error);
}

void ens_tally_free(ens_tally *tally) {
  if (!tally) return;
  free(tally->accepted);
  free(tally->moved);
  free(tally->finite);
  free(tally->level);
  *tally = (ens_tally){0};
}

static bool is_kept(const ens_pass *pass, uint64_t step) {
  return step >= pass->discard && (step - pass->discard) % pass->thin == pass->thin - 1;
}

static void add_log_prob(struct reading *reading, double log_prob) {
  if (reading->kept == 0 && isfinite(log_prob)) reading->reference = log_prob;
  reading->sum += log_prob - reading->reference;
  reading->kept++;
}

static void add_step(struct reading *reading, uint64_t step, const double *log_prob, const uint8_t *accepted) {
  ens_tally *tally = reading->tally;
  bool after = step >= reading->pass->discard, kept = is_kept(reading->pass, step);
  reading->after += after;
  for (size_t w = 0; w < tally->nwalkers; w++) {
    tally->accepted[w] += accepted[w] != 0;
    tally->moved[w] += after && accepted[w] != 0;
    if (isfinite(log_prob[w])) tally->finite[w] = true;
    if (log_prob[w] > tally->log_prob_max) tally->log_prob_max = log_prob[w];
    if (after) tally->level[w] += (log_prob[w] - tally->level[w]) / (double)reading->after;
    if (kept) add_log_prob(reading, log_prob[w]);
  }
}

static ens_status read_steps(struct reading *reading, double *log_prob, uint8_t *accepted, size_t room,
                             ens_error *error) {
  ens_chain *chain = reading->pass->chain;
  for (uint64_t step = 0; step < chain->nsteps;) {
    size_t take = (size_t)(chain->nsteps - step < room ? chain->nsteps - step : room);
    ens_status status = ens_chain_read(
        chain, &(ens_chain_steps){.start = step, .count = take, .log_prob = log_prob, .accepted = accepted}, error);
    if (status) return status;
    for (size_t t = 0; t < take; t++)
      add_step(reading, step + t, log_prob + t * chain->nwalkers, accepted + t * chain->nwalkers);
    step += take;
  }
  return ENS_OK;
}

ens_status ens_tally_count(const ens_pass *pass, ens_tally *tally, ens_error *error) {
  size_t nwalkers = pass->chain->nwalkers, room = ens_pass_block(nwalkers * (sizeof(double) + 1));
  if (allocate(tally, nwalkers, error)) return ENS_MEMORY;
  double *log_prob = malloc((room * nwalkers + 1) * sizeof *log_prob);
  uint8_t *accepted = malloc(room * nwalkers + 1);
  struct reading reading = {.tally = tally, .pass = pass, .after = 0, .reference = 0, .sum = 0, .kept = 0};
  ens_status status =
      log_prob && accepted ? read_steps(&reading, log_prob, accepted, room, error) : ens_error_memory(error);
  if (reading.kept > 0) tally->log_prob_mean = reading.reference + reading.sum / reading.kept;
  free(log_prob);
  free(accepted);
  if (status) ens_tally_free(tally);
  return status;
}
