/* The rules that end a run: which hold at a check of the monitor, in words how far the others are, and about how many
 * steps they would take. Whoever samples decides what follows. */
#ifndef ENS_STATS_UNTIL_H
#define ENS_STATS_UNTIL_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/findings.h"

/* 0: not asked for. All that are given must hold. */
typedef struct ens_until {
  double mcse;        /* standard error of every mean in units of its parameter's sd: ess >= 1 / mcse^2 */
  double tau;         /* steps after discard, in units of every tau */
  double change;      /* of every tau since the check before, relative */
  double ess;         /* of every parameter */
  uint64_t min_steps; /* kept ones */
} ens_until;

static inline bool ens_until_is_given(const ens_until *until) {
  return until->mcse > 0 || until->tau > 0 || until->change > 0 || until->ess > 0;
}

/* Whether all rules hold at the last check; false before the first. */
bool ens_until_holds(const ens_until *until, const ens_findings *findings);

/* Steps that the rules which do not hold would take in all, as far as can be told from the last check; 0: not known. */
uint64_t ens_until_steps(const ens_until *until, const ens_findings *findings);

/* The rules that do not hold, or if `all` every rule, each with its worst parameter: "the chain is 18.3 times the
 * autocorrelation time of 'b', and 50 is asked for; ...". `parameters` [ndim]; cut off at `size` > 0. */
void ens_until_describe(const ens_until *until, const ens_findings *findings, char *const *parameters, bool all,
                        char *out, size_t size);
/* What is waited for, for a line on the screen: "N/tau 18.3 -> 50, MCSE 0.08 -> 0.05"; "" where all rules hold. */
void ens_until_brief(const ens_until *until, const ens_findings *findings, char *out, size_t size);

#endif
