/* One row per rule: its figure at the last check, for the worst parameter, its words, and its forecast. */
#include "stats/until.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* The worst parameter and its figure; NaN if one figure is not known. */
typedef struct worst {
  size_t d;
  double value;
} worst;

/* `sign` 1: the largest value is the worst; -1: the smallest. */
static worst find_worst(const double *values, size_t ndim, double sign) {
  worst w = {0, values[0]};
  for (size_t d = 1; d < ndim && !isnan(w.value); d++)
    if (isnan(values[d]) || sign * values[d] > sign * w.value) w = (worst){d, values[d]};
  return w;
}

static worst lengths(const ens_findings *f) {
  worst w = find_worst(f->tau, f->ndim, 1);
  w.value = (double)(f->step - f->discard) / w.value;
  return w;
}

static worst changes(const ens_findings *f) {
  return find_worst(f->change, f->ndim, 1);
}

static worst sizes(const ens_findings *f) {
  return find_worst(f->ess, f->ndim, -1);
}

static worst errors(const ens_findings *f) {
  worst w = sizes(f);
  w.value = 1 / sqrt(w.value);
  return w;
}

/* The total number of steps at which the figure reaches `asked`, if it is `value` now. */
static double steps_by_length(const ens_findings *f, double value, double asked) {
  return (double)f->discard + (double)(f->step - f->discard) * (asked / value);
}

static double steps_by_error(const ens_findings *f, double value, double asked) {
  return (double)f->discard + (double)(f->step - f->discard) * (value / asked) * (value / asked);
}

/* The change of tau falls with the steps, but too unevenly for a forecast. */
static double steps_unknown(const ens_findings *f, double value, double asked) {
  (void)f, (void)value, (void)asked;
  return 0;
}

static void say_length(ens_text *to, const char *name, double value) {
  ens_text_add(to, "the chain is %.1f times the autocorrelation time of '%s'", value, name);
}

static void say_change(ens_text *to, const char *name, double value) {
  ens_text_add(to, "the autocorrelation time of '%s' changed by %.2g %% since the check before", name, 100 * value);
}

static void say_size(ens_text *to, const char *name, double value) {
  ens_text_add(to, "the effective sample size of '%s' is %.0f", name, value);
}

static void say_error(ens_text *to, const char *name, double value) {
  ens_text_add(to, "the standard error of the mean of '%s' is %.3g sd", name, value);
}

struct rule {
  size_t field; /* offset in ens_until */
  bool at_most; /* the figure must be at most the required value; else at least */
  const char *brief;
  worst (*figure)(const ens_findings *findings);
  void (*say)(ens_text *to, const char *name, double value);
  double (*steps)(const ens_findings *findings, double value, double asked);
};

static const struct rule rules[] = {
    {offsetof(ens_until, tau), false, "N/tau", lengths, say_length, steps_by_length},
    {offsetof(ens_until, change), true, "change", changes, say_change, steps_unknown},
    {offsetof(ens_until, ess), false, "ESS", sizes, say_size, steps_by_length},
    {offsetof(ens_until, mcse), true, "MCSE", errors, say_error, steps_by_error},
};
enum { NRULES = sizeof rules / sizeof *rules };

static double asked_of(const ens_until *until, const struct rule *rule) {
  double asked;
  memcpy(&asked, (const char *)until + rule->field, sizeof asked);
  return asked;
}

/* False for NaN. */
static bool is_met(const struct rule *rule, double value, double asked) {
  return rule->at_most ? value <= asked : value >= asked;
}

bool ens_until_holds(const ens_until *until, const ens_findings *findings) {
  if (findings->step == 0 || findings->step < until->min_steps) return false;
  for (size_t i = 0; i < NRULES; i++) {
    double asked = asked_of(until, &rules[i]);
    if (asked > 0 && !is_met(&rules[i], rules[i].figure(findings).value, asked)) return false;
  }
  return true;
}

uint64_t ens_until_steps(const ens_until *until, const ens_findings *findings) {
  double most = findings->step > 0 ? (double)until->min_steps : 0;
  for (size_t i = 0; findings->step > 0 && i < NRULES; i++) {
    double asked = asked_of(until, &rules[i]), value = rules[i].figure(findings).value;
    if (asked > 0 && !is_met(&rules[i], value, asked)) most = fmax(most, rules[i].steps(findings, value, asked));
  }
  return most > (double)findings->step && most < 9e15 ? (uint64_t)ceil(most) : 0;
}

/* If no figure is known, says why. */
static bool say_unknown(ens_text *to, const ens_findings *f, char *const *parameters) {
  worst tau = find_worst(f->tau, f->ndim, 1);
  if (f->step == 0)
    ens_text_add(to, "the first check is at step 128");
  else if (f->stuck != SIZE_MAX)
    ens_text_add(to, "walker %zu has not moved since step %llu, so that no autocorrelation time is known", f->stuck + 1,
                 (unsigned long long)f->discard);
  else if (isnan(tau.value))
    ens_text_add(to,
                 "the autocorrelation time of '%s' is not known yet: the chain is too short, or it has one value only",
                 parameters[tau.d]);
  return to->size > 0;
}

static void say_asked(ens_text *to, const struct rule *rule, double asked) {
  bool percent = rule->field == offsetof(ens_until, change);
  ens_text_add(to, " (%s %g%s required)", rule->at_most ? "at most" : "at least", percent ? 100 * asked : asked,
               percent ? " %" : "");
}

static void say_rule(ens_text *to, const ens_until *until, const ens_findings *f, char *const *parameters, size_t i,
                     bool all) {
  double asked = asked_of(until, &rules[i]);
  if (!(asked > 0)) return;
  worst figure = rules[i].figure(f);
  bool met = is_met(&rules[i], figure.value, asked);
  if (met && !all) return;
  if (to->size > 0) ens_text_add(to, "; ");
  if (isnan(figure.value))
    ens_text_add(to, "the autocorrelation time of '%s' has no earlier value to compare with", parameters[figure.d]);
  else
    rules[i].say(to, parameters[figure.d], figure.value);
  if (!met) say_asked(to, &rules[i], asked);
}

void ens_until_describe(const ens_until *until, const ens_findings *findings, char *const *parameters, bool all,
                        char *out, size_t size) {
  ens_text t = ens_text_in(out, size);
  if (say_unknown(&t, findings, parameters)) return;
  for (size_t i = 0; i < NRULES; i++) say_rule(&t, until, findings, parameters, i, all);
  if (findings->step < until->min_steps)
    ens_text_add(&t, "%sat least %llu steps are required", t.size > 0 ? "; " : "",
                 (unsigned long long)until->min_steps);
}

void ens_until_brief(const ens_until *until, const ens_findings *findings, char *out, size_t size) {
  ens_text t = ens_text_in(out, size);
  for (size_t i = 0; i < NRULES; i++) {
    double asked = asked_of(until, &rules[i]),
           value = findings->step > 0 ? rules[i].figure(findings).value : (double)NAN;
    if (!(asked > 0) || is_met(&rules[i], value, asked)) continue;
    ens_text_add(&t, "%s%s ", t.size > 0 ? ", " : "", rules[i].brief);
    if (!isnan(value)) ens_text_add(&t, "%.3g ", value);
    ens_text_add(&t, "-> %g", asked);
  }
  if (t.size == 0 && findings->step < until->min_steps)
    ens_text_add(&t, "step -> %llu", (unsigned long long)until->min_steps);
}
