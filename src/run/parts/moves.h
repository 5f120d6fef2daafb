/* A tally of moves: how many proposals of each move of a mixture were accepted. */
#ifndef ENS_RUN_PARTS_MOVES_H
#define ENS_RUN_PARTS_MOVES_H

#include "core/chain.h"
#include "stats/summary/summary.h"

/* What one move did in the kept steps; with thin_by, in the last proposal of each walker before them. */
typedef struct ens_move_stats {
  char name[24];
  double weight;
  uint64_t accepted, proposed; /* not counted if there is but one move */
} ens_move_stats;

typedef struct ens_moves {
  size_t n;             /* 0: the moves are not known */
  ens_move_stats *move; /* [n] owned */
} ens_moves;

ens_status ens_moves_create(size_t n, ens_moves *out, ens_error *error); /* n moves without a name and a weight */
void ens_moves_free(ens_moves *moves);
void ens_moves_reset(ens_moves *moves); /* sets the counts to 0 */
/* Names a move: name[length], which is cut off if it is long. */
void ens_moves_set(ens_moves *moves, size_t i, const char *name, size_t length, double weight);
/* Copies the moves of a mixture. A single move, whose counts follow from the chain's, becomes none. */
ens_status ens_moves_copy(const ens_moves *moves, ens_moves *out, ens_error *error);

/* Counts a step of `imove`: accepted[nwalkers] flags. */
void ens_moves_count(ens_moves *moves, size_t imove, const uint8_t *accepted, size_t nwalkers);

/* The steps of a chain: which move made each of them follows from the seed. */
typedef struct ens_moves_span {
  uint64_t seed, tune, thin_by;
} ens_moves_span;
ens_status ens_moves_count_chain(ens_moves *moves, ens_chain *chain, const ens_moves_span *span, ens_error *error);

/* The proposals of all moves that can reject one. steps: kept steps; accepted[nwalkers]: accepted flags of all of them,
 * summed. A move that the program does not know, as a user's own, is assumed to be able to reject. */
ens_summary_acceptance ens_moves_judge(const ens_moves *moves, uint64_t steps, const uint64_t *accepted,
                                       size_t nwalkers);

#endif
