/* One function per warning, which adds its sentence or does nothing. */
#include "stats/summary/advice.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/text.h"

enum { LIST_MOST = 5, LIST_BYTES = 192, PROPOSALS_LEAST = 100 };

struct giving {
  const ens_advice *advice;
  ens_summary *summary;
  bool failed; /* memory ran out */
};

__attribute__((format(printf, 2, 3))) static void warn(struct giving *to, const char *format, ...) {
  ens_summary *summary = to->summary;
  ens_text text = {0};
  va_list args;
  va_start(args, format);
  ens_text_add_arguments(&text, format, args);
  va_end(args);
  if (!ens_list_add(&summary->warning, &summary->nwarnings, ens_text_take(&text))) to->failed = true;
}

/* Lists the walkers with flag[w]: "walker 3", "walkers 3, 5 and 9", "walkers 1, 2, 3, 4, 5 and 27 more". Returns their
 * number. */
static size_t list_walkers(const bool *flag, size_t nwalkers, char text[LIST_BYTES]) {
  size_t total = 0, listed = 0;
  for (size_t w = 0; w < nwalkers; w++) total += flag[w];
  int at = snprintf(text, LIST_BYTES, total == 1 ? "walker" : "walkers");
  for (size_t w = 0; w < nwalkers && listed < LIST_MOST; w++) {
    if (!flag[w]) continue;
    const char *joint = listed == 0 ? "" : listed + 1 == total ? " and" : ",";
    at += snprintf(text + at, LIST_BYTES - (size_t)at, "%s %zu", joint, w + 1);
    listed++;
  }
  if (listed < total) snprintf(text + at, LIST_BYTES - (size_t)at, " and %zu more", total - listed);
  return total;
}

/* Walkers without a finite log_prob at any step. */
static void warn_of_unborn(struct giving *to) {
  const ens_tally *tally = to->advice->tally;
  char list[LIST_BYTES];
  bool *unborn = calloc(tally->nwalkers + 1, sizeof *unborn);
  to->failed = to->failed || !unborn;
  for (size_t w = 0; unborn && w < tally->nwalkers; w++) unborn[w] = !tally->finite[w];
  if (unborn && list_walkers(unborn, tally->nwalkers, list) > 0)
    warn(to, "log_prob was never finite for %s: start every walker where the model gives a finite log_prob.", list);
  free(unborn);
}

/* Whether a walker that never moved in `nsteps` steps is unlikely by chance, given the acceptance of the others. */
static bool is_telling(const ens_tally *tally, uint64_t nsteps) {
  uint64_t sum = 0;
  size_t moving = 0;
  for (size_t w = 0; w < tally->nwalkers; w++) {
    sum += tally->moved[w];
    moving += tally->moved[w] > 0;
  }
  if (moving == 0) return false;
  double acceptance = (double)sum / ((double)moving * (double)nsteps);
  return (double)tally->nwalkers * pow(1.0 - acceptance, (double)nsteps) < 0.05;
}

/* Walkers that never moved after discard while others did, without those of warn_of_unborn. */
static void warn_of_stuck(struct giving *to) {
  const ens_tally *tally = to->advice->tally;
  uint64_t nsteps = to->summary->steps - to->summary->discard;
  char list[LIST_BYTES];
  if (!is_telling(tally, nsteps)) return;
  bool *stuck = calloc(tally->nwalkers + 1, sizeof *stuck);
  to->failed = to->failed || !stuck;
  for (size_t w = 0; stuck && w < tally->nwalkers; w++) stuck[w] = tally->moved[w] == 0 && tally->finite[w];
  if (stuck && list_walkers(stuck, tally->nwalkers, list) > 0)
    warn(to,
         "No proposal was accepted in %" PRIu64
         " steps%s for %s, while other walkers moved: stuck "
         "walkers distort every estimate. Start them nearer to the others and run again.",
         nsteps, to->summary->discard > 0 ? " after discard" : "", list);
  free(stuck);
}

/* Walkers that hardly move, at a far lower log_prob. */
static void warn_of_stragglers(struct giving *to) {
  const ens_stragglers *found = to->advice->stragglers;
  double steps = (double)(to->summary->steps - to->summary->discard);
  char list[LIST_BYTES];
  if (found->count == 0 || found->accepted == 0) return; /* warn_of_stuck reports walkers that never moved */
  list_walkers(to->advice->left, to->advice->tally->nwalkers, list);
  warn(
      to,
      "Stuck: %s accepted %.2g %% of the proposals, the others %.2g %%, at a log_prob that is %.3g below theirs. Start "
      "them nearer to the others, for example from the last positions of the others, and run again.",
      list, 100 * found->accepted / steps, 100 * found->median_accepted / steps, found->median_level - found->level);
}

static void warn_of_modes(struct giving *to) {
  const ens_modes *modes = to->advice->modes;
  if (!(modes->ratio > ENS_MODES_APART)) return;
  warn(to,
       "The walkers are in groups that do not mix: in '%s' %zu are around %.4g and %zu around %.4g, with a gap of %.1f "
       "times their spread between them. There may be several modes, and this chain cannot tell their weights. "
       "Use moves that jump between modes (de with snooker, the default), more walkers, or one run per mode.",
       to->advice->parameters[modes->dim], modes->nlow, modes->low, modes->nhigh, modes->high, modes->ratio);
}

/* Over the updates that can be rejected. */
static void warn_of_acceptance(struct giving *to) {
  ens_summary_acceptance judged = to->advice->judged;
  if (judged.proposed < PROPOSALS_LEAST) return;
  double acceptance = (double)judged.accepted / (double)judged.proposed;
  const char *of = judged.some ? ", without the moves that always accept," : "";
  if (acceptance < 0.1)
    warn(to,
         "The acceptance fraction%s is %.3f, below 0.1: nearly all proposals are rejected and the walkers hardly move. "
         "Check the start, try other moves, or rescale parameters that depend on each other.",
         of, acceptance);
  if (acceptance > 0.9)
    warn(to,
         "The acceptance fraction%s is %.3f, above 0.9: the proposals are too small, or log_prob hardly depends on the "
         "parameters. Check log_prob, or let the moves take larger steps.",
         of, acceptance);
}

static bool is_constant(const ens_summary_parameter *parameter) {
  return parameter->sd == 0;
}

static void warn_of_constants(struct giving *to) {
  const ens_summary *summary = to->summary;
  if (summary->steps - summary->discard < 2) return;
  for (size_t d = 0; d < summary->ndim; d++)
    if (is_constant(&summary->parameter[d]))
      warn(to,
           "Parameter '%s' has the value %.6g in every draw: give the walkers different values of it at the start, or "
           "make it a constant of the model.",
           to->advice->parameters[d], summary->parameter[d].mean);
}

/* The parameter with the longest tau; ndim if none is known. *nshort: parameters with fewer than 50 tau of steps. */
static size_t find_slowest(const ens_summary *summary, size_t *nshort) {
  size_t slowest = summary->ndim;
  double kept = (double)(summary->steps - summary->discard), longest = 0;
  *nshort = 0;
  for (size_t d = 0; d < summary->ndim; d++) {
    double tau = summary->parameter[d].tau;
    *nshort += kept < 50.0 * tau;
    if (tau > longest) {
      longest = tau;
      slowest = d;
    }
  }
  return slowest;
}

static void warn_of_length(struct giving *to) {
  const ens_summary *summary = to->summary;
  size_t nshort, slowest = find_slowest(summary, &nshort);
  if (nshort == 0) return;
  double tau = summary->parameter[slowest].tau, kept = (double)(summary->steps - summary->discard);
  warn(to,
       "The chain is too short for %zu of %zu parameters: %.0f steps after discard are %.1f times the autocorrelation "
       "time of '%s', %.1f steps, and estimates are reliable from 50 times on. Run about %.0f more steps.",
       nshort, summary->ndim, kept, kept / tau, to->advice->parameters[slowest], tau, ceil(50.0 * tau - kept));
}

static bool any_still(const ens_tally *tally) {
  for (size_t w = 0; w < tally->nwalkers; w++)
    if (tally->moved[w] == 0) return true;
  return false;
}

/* If the tau of a parameter that varies is not known, and no stuck walker explains it, there are too few steps. */
static void warn_of_unknown(struct giving *to) {
  const ens_summary *summary = to->summary;
  uint64_t nsteps = summary->steps - summary->discard;
  if (any_still(to->advice->tally) && is_telling(to->advice->tally, nsteps)) return;
  for (size_t d = 0; d < summary->ndim; d++) {
    const ens_summary_parameter *parameter = &summary->parameter[d];
    if (!isnan(parameter->tau) || is_constant(parameter)) continue;
    warn(to,
         "The autocorrelation time of '%s' cannot be estimated: there %s only %" PRIu64
         " step%s after discard = %" PRIu64 " with thin = %" PRIu64
         ", and every walker must have moved. Run more steps.",
         to->advice->parameters[d], nsteps == 1 ? "is" : "are", nsteps, nsteps == 1 ? "" : "s", summary->discard,
         summary->thin);
    return;
  }
}

/* The ratio of the two estimates that is worth a warning: 1.5, or twice the relative error of tau from one series,
 * sqrt(2 (2 M + 1) / N) with the window M = 5 tau (Sokal 1997, in Functional Integration, 131). */
static double telling_ratio(double tau, double ndraws) {
  return fmax(1.5, exp(2.0 * sqrt(2.0 * (10.0 * tau + 1.0) / ndraws)));
}

static void warn_of_ratio(struct giving *to, size_t d) {
  const ens_advice *advice = to->advice;
  double draws = (double)advice->ndraws, tau = to->summary->parameter[d].tau / (double)to->summary->thin;
  double ratio = advice->ess_walkers[d] / advice->ess_ensemble[d];
  if (draws < 50.0 * tau) return; /* warn_of_length says that neither is reliable */
  double limit = telling_ratio(fmax(tau, tau * ratio), draws);
  if (!(ratio > limit || ratio < 1.0 / limit)) return;
  warn(to,
       "The two estimates of the effective sample size of '%s' differ by a factor of %.1f: %.0f from the walkers one "
       "by one, %.0f from the mean of all walkers. The walkers %s, and the smaller number is reported. Compare "
       "several runs from different starts.",
       advice->parameters[d], fmax(ratio, 1.0 / ratio), advice->ess_walkers[d], advice->ess_ensemble[d],
       ratio > 1.0 ? "move together" : "balance each other");
}

static void warn_of_ratios(struct giving *to) {
  for (size_t d = 0; d < to->summary->ndim; d++) warn_of_ratio(to, d);
}

static void (*const warnings[])(struct giving *) = {warn_of_unborn,  warn_of_stuck,      warn_of_stragglers,
                                                    warn_of_modes,   warn_of_acceptance, warn_of_constants,
                                                    warn_of_unknown, warn_of_length,     warn_of_ratios};

ens_status ens_advice_give(const ens_advice *advice, ens_summary *summary, ens_error *error) {
  struct giving to = {advice, summary, false};
  for (size_t i = 0; i < sizeof warnings / sizeof *warnings; i++) warnings[i](&to);
  return to.failed ? ens_error_memory(error) : ENS_OK;
}

/* ---- without reading the chain ---- */

static void (*const early_warnings[])(struct giving *) = {warn_of_unborn, warn_of_stuck, warn_of_stragglers,
                                                          warn_of_acceptance};

/* A walker at -inf has been there since the start, because no accepted proposal leads to -inf. */
static ens_status give_early(const ens_advice_early *early, ens_tally *tally, bool *left, ens_summary *summary,
                             ens_error *error) {
  ens_stragglers stragglers;
  for (size_t w = 0; w < early->nwalkers; w++) tally->finite[w] = isfinite(early->log_prob[w]);
  ens_status status = ens_stragglers_find(tally, left, &stragglers, error);
  if (status) return status;
  ens_advice advice = {.tally = tally, .left = left, .stragglers = &stragglers, .judged = early->judged};
  struct giving to = {&advice, summary, false};
  for (size_t i = 0; i < sizeof early_warnings / sizeof *early_warnings; i++) early_warnings[i](&to);
  return to.failed ? ens_error_memory(error) : ENS_OK;
}

ens_status ens_advice_give_early(const ens_advice_early *early, char ***warning, size_t *nwarnings, ens_error *error) {
  ens_summary summary = {.steps = early->steps};
  bool *flags = calloc(2 * early->nwalkers + 1, sizeof *flags);
  *warning = NULL;
  *nwarnings = 0;
  if (!flags) return ens_error_memory(error);
  ens_tally tally = {.nwalkers = early->nwalkers,
                     .accepted = (uint64_t *)early->accepted,
                     .moved = (uint64_t *)early->accepted,
                     .level = (double *)early->log_prob,
                     .finite = flags};
  ens_status status = early->steps > 0 ? give_early(early, &tally, flags + early->nwalkers, &summary, error) : ENS_OK;
  free(flags);
  if (status) {
    ens_summary_free(&summary);
    return status;
  }
  *warning = summary.warning;
  *nwarnings = summary.nwarnings;
  return ENS_OK;
}
