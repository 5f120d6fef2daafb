#include "run/moves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mixture.h"
#include "store/stored_chain.h"

enum { BLOCK = 1024 };

static void set_name(ens_run_move_stats *move, const char *name, size_t length) {
  snprintf(move->name, sizeof move->name, "%.*s", (int)length, name);
}

ens_status ens_run_moves_begin(const ens_run_config *config, size_t *n, ens_run_move_stats **out, ens_error *error) {
  *n = config->nmoves > 1 ? config->nmoves : 0;
  *out = calloc(*n + 1, sizeof **out);
  if (!*out) return ens_error_memory(error);
  for (size_t i = 0; i < *n; i++) {
    set_name(&(*out)[i], config->move[i].kind->name, strlen(config->move[i].kind->name));
    (*out)[i].weight = config->move[i].weight;
  }
  return ENS_OK;
}

static void count_steps(const uint8_t *accepted, size_t nwalkers, size_t count, uint64_t first, uint64_t apart,
                        uint64_t seed, const double *cumulative, size_t n, ens_run_move_stats *move) {
  for (size_t i = 0; i < count; i++) {
    ens_run_move_stats *made = &move[ens_mixture_draw(cumulative, n, seed, first + i * apart)];
    made->proposed += nwalkers;
    for (size_t k = 0; k < nwalkers; k++) made->accepted += accepted[i * nwalkers + k];
  }
}

ens_status ens_run_moves_count(ens_chain *chain, uint64_t seed, uint64_t tune, uint64_t thin_by, size_t n,
                               ens_run_move_stats *move, ens_error *error) {
  if (n == 0) return ENS_OK;
  double *cumulative = malloc(2 * n * sizeof *cumulative);
  uint8_t *accepted = malloc(BLOCK * chain->nwalkers);
  ens_status status = cumulative && accepted ? ENS_OK : ens_error_memory(error);
  if (status) goto end;
  for (size_t i = 0; i < n; i++) cumulative[n + i] = move[i].weight;
  ens_mixture_cumulate(cumulative + n, n, cumulative);
  for (uint64_t at = 0; !status && at < chain->nsteps; at += BLOCK) {
    size_t count = chain->nsteps - at < BLOCK ? (size_t)(chain->nsteps - at) : BLOCK;
    status = ens_chain_read(chain, &(ens_chain_steps){.start = at, .count = count, .accepted = accepted}, error);
    if (!status)
      count_steps(accepted, chain->nwalkers, count, tune + (at + 1) * thin_by, thin_by, seed, cumulative, n, move);
  }
end:
  free(cumulative);
  free(accepted);
  return status;
}

/* A name that is not the core's is a user's own move. */
static bool may_refuse(const char *name) {
  const ens_move_kind *kind = ens_move_find(name);
  return !kind || !kind->always_accepts;
}

static ens_summary_acceptance judge_mixture(size_t n, const ens_run_move_stats *move) {
  ens_summary_acceptance judged = {0};
  for (size_t i = 0; i < n; i++) {
    if (!may_refuse(move[i].name)) {
      judged.some = true;
      continue;
    }
    judged.accepted += move[i].accepted;
    judged.proposed += move[i].proposed;
  }
  return judged;
}

/* Where all steps make the same move. */
static ens_summary_acceptance judge_one(const char *name, uint64_t steps, size_t nwalkers, const uint64_t *accepted) {
  ens_summary_acceptance judged = {.proposed = steps * nwalkers};
  if (!may_refuse(name)) return (ens_summary_acceptance){.some = true};
  for (size_t k = 0; k < nwalkers; k++) judged.accepted += accepted[k];
  return judged;
}

ens_summary_acceptance ens_run_moves_judged(const ens_run *run, uint64_t steps) {
  if (run->nmixed) return judge_mixture(run->nmixed, run->mixed);
  return judge_one(run->config.move[0].kind->name, steps, run->config.nwalkers, run->naccepted);
}

/* ---- from a record, whose texts are our own: [{"move":"de","weight":0.8,...},...] ---- */

static const char move_key[] = "{\"move\":\"", weight_key[] = "\"weight\":";

static size_t count_moves(const char *moves) {
  size_t n = 0;
  for (const char *at = moves; at && (at = strstr(at, move_key)); at += sizeof move_key - 1) n++;
  return n;
}

static bool take_moves(const char *moves, size_t n, ens_run_move_stats *move) {
  const char *at = moves;
  for (size_t i = 0; i < n; i++) {
    const char *name = strstr(at, move_key) + sizeof move_key - 1, *weight = strstr(name, weight_key);
    if (!weight) return false;
    set_name(&move[i], name, strcspn(name, "\""));
    move[i].weight = strtod(weight + sizeof weight_key - 1, NULL);
    if (!(move[i].weight > 0)) return false;
    at = weight;
  }
  return true;
}

static uint64_t tune_of(const ens_store_record *record) {
  static const char key[] = "\"tune\":";
  const char *at = record->extra ? strstr(record->extra, key) : NULL;
  return at ? strtoull(at + sizeof key - 1, NULL, 10) : 0;
}

/* What was made by a version that wrote other texts counts as one that may refuse. */
static ens_summary_acceptance judge_record(const ens_store_record *record, uint64_t steps, const uint64_t *accepted) {
  ens_run_move_stats only = {.weight = 1};
  if (count_moves(record->moves) == 1) take_moves(record->moves, 1, &only);
  return judge_one(only.name, steps, record->nwalkers, accepted);
}

ens_status ens_run_moves_read(const char *path, const ens_store_record *record, const uint64_t *accepted,
                              ens_run_info *info, ens_error *error) {
  size_t n = count_moves(record->moves);
  info->judged = judge_record(record, info->steps, accepted);
  if (n < 2) return ENS_OK;
  ens_run_move_stats *move = calloc(n, sizeof *move);
  if (!move) return ens_error_memory(error);
  ens_chain *chain = NULL;
  bool known = take_moves(record->moves, n, move);
  ens_status status = known ? ens_stored_chain_open(path, &chain, error) : ENS_OK;
  if (chain) status = ens_run_moves_count(chain, record->seed, tune_of(record), record->thin_by, n, move, error);
  if (chain) chain->ops->destroy(chain);
  if (!status && known) {
    info->nmoves = n;
    info->move = move;
    info->judged = judge_mixture(n, move);
    return ENS_OK;
  }
  free(move);
  return status;
}
