/* Which move made a step follows from the seed and the step, so that a stored chain can be counted again. */
#include "run/parts/moves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mixture.h"
#include "move/move.h"

enum { BLOCK = 1024 };

ens_status ens_moves_create(size_t n, ens_moves *out, ens_error *error) {
  *out = (ens_moves){.n = n, .move = calloc(n + 1, sizeof *out->move)};
  return out->move ? ENS_OK : ens_error_memory(error);
}

void ens_moves_free(ens_moves *moves) {
  free(moves->move);
  *moves = (ens_moves){0};
}

void ens_moves_set(ens_moves *moves, size_t i, const char *name, size_t length, double weight) {
  snprintf(moves->move[i].name, sizeof moves->move[i].name, "%.*s", (int)length, name);
  moves->move[i].weight = weight;
}

void ens_moves_reset(ens_moves *moves) {
  for (size_t i = 0; i < moves->n; i++) moves->move[i].accepted = moves->move[i].proposed = 0;
}

ens_status ens_moves_copy(const ens_moves *moves, ens_moves *out, ens_error *error) {
  size_t n = moves->n < 2 ? 0 : moves->n;
  ens_status status = ens_moves_create(n, out, error);
  if (!status && n) memcpy(out->move, moves->move, n * sizeof *out->move);
  return status;
}

/* ---- counting ---- */

void ens_moves_count(ens_moves *moves, size_t imove, const uint8_t *accepted, size_t nwalkers) {
  if (moves->n < 2) return;
  ens_move_stats *move = &moves->move[imove];
  move->proposed += nwalkers;
  for (size_t k = 0; k < nwalkers; k++) move->accepted += accepted[k];
}

static ens_status count_blocks(ens_moves *moves, ens_chain *chain, const ens_moves_span *span, const double *cumulative,
                               uint8_t *accepted, ens_error *error) {
  size_t nwalkers = chain->nwalkers;
  ens_status status = ENS_OK;
  for (uint64_t at = 0; !status && at < chain->nsteps; at += BLOCK) {
    size_t count = chain->nsteps - at < BLOCK ? (size_t)(chain->nsteps - at) : BLOCK;
    status = ens_chain_read(chain, &(ens_chain_steps){.start = at, .count = count, .accepted = accepted}, error);
    for (size_t i = 0; !status && i < count; i++) {
      uint64_t step = span->tune + (at + i + 1) * span->thin_by;
      ens_moves_count(moves, ens_mixture_draw(cumulative, moves->n, span->seed, step), accepted + i * nwalkers,
                      nwalkers);
    }
  }
  return status;
}

ens_status ens_moves_count_chain(ens_moves *moves, ens_chain *chain, const ens_moves_span *span, ens_error *error) {
  if (moves->n < 2) return ENS_OK;
  size_t n = moves->n;
  double *cumulative = malloc(2 * n * sizeof *cumulative);
  uint8_t *accepted = malloc(BLOCK * chain->nwalkers);
  ens_status status = cumulative && accepted ? ENS_OK : ens_error_memory(error);
  if (!status) {
    for (size_t i = 0; i < n; i++) cumulative[n + i] = moves->move[i].weight;
    ens_mixture_cumulate(cumulative + n, n, cumulative);
    status = count_blocks(moves, chain, span, cumulative, accepted, error);
  }
  free(cumulative);
  free(accepted);
  return status;
}

/* ---- judging ---- */

static bool may_reject(const char *name) {
  const ens_move_kind *kind = ens_move_find(name);
  return !kind || !kind->always_accepts;
}

static ens_summary_acceptance judge_mixture(const ens_moves *moves) {
  ens_summary_acceptance judged = {0};
  for (size_t i = 0; i < moves->n; i++) {
    const ens_move_stats *move = &moves->move[i];
    if (!may_reject(move->name)) {
      judged.some = true;
      continue;
    }
    judged.accepted += move->accepted;
    judged.proposed += move->proposed;
  }
  return judged;
}

ens_summary_acceptance ens_moves_judge(const ens_moves *moves, uint64_t steps, const uint64_t *accepted,
                                       size_t nwalkers) {
  if (moves->n > 1) return judge_mixture(moves);
  if (moves->n == 1 && !may_reject(moves->move[0].name)) return (ens_summary_acceptance){.some = true};
  ens_summary_acceptance judged = {.proposed = steps * nwalkers};
  for (size_t k = 0; k < nwalkers; k++) judged.accepted += accepted[k];
  return judged;
}
