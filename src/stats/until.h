/* The rules that end a run. They say which rules hold at a check of the monitor, how far the others are, and about how
 * many steps they would take. The caller decides what follows. */
#ifndef ENS_STATS_UNTIL_H
#define ENS_STATS_UNTIL_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/findings.h"

/* The rules of a run: 0 means no such rule. All rules must hold. */
typedef struct ens_until {
  double mcse;        /* greatest standard error of every mean, in sd of its parameter: ess >= 1 / mcse^2 */
  double tau;         /* least number of steps after discard, in units of every tau */
  double change;      /* greatest relative change of every tau since the check before */
  double ess;         /* least effective sample size of every parameter */
  uint64_t min_steps; /* least number of kept steps */
} ens_until;

static inline bool ens_until_is_given(const ens_until *until) {
  return until->mcse > 0 || until->tau > 0 || until->change > 0 || until->ess > 0;
}

/* Whether all rules hold at the last check; false before the first check. */
bool ens_until_holds(const ens_until *until, const ens_findings *findings);

/* An estimate, from the last check, of the total number of steps until all rules hold. 0: not known. */
uint64_t ens_until_steps(const ens_until *until, const ens_findings *findings);

/* Describes the rules that do not hold, or every rule if `all`, each with its worst parameter: "the chain is 18.3 times
 * the autocorrelation time of 'b' (at least 50 required); ...". parameters[ndim] are names. The text is cut off at
 * `size` > 0 bytes. */
void ens_until_describe(const ens_until *until, const ens_findings *findings, char *const *parameters, bool all,
                        char *out, size_t size);
/* The same for a line on the screen: "N/tau 18.3 -> 50, MCSE 0.08 -> 0.05". "" if all rules hold. */
void ens_until_brief(const ens_until *until, const ens_findings *findings, char *out, size_t size);

#endif
