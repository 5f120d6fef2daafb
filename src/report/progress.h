/* How far a run is, on the screen: a bar, lines or JSON objects. A sink that counts kept steps, and a clock that is
 * looked at seldom. Must not know of the sampler. One thread at a time; what it writes goes through the console. */
#ifndef ENS_REPORT_PROGRESS_H
#define ENS_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/domain.h"
#include "core/sink.h"
#include "report/console.h"

typedef enum ens_progress_mode {
  ENS_PROGRESS_AUTO,  /* bar where the console's screen is a terminal, else plain */
  ENS_PROGRESS_BAR,   /* one line, drawn anew at most 10 times a second, gone at the end */
  ENS_PROGRESS_PLAIN, /* a line after 1, 2, 5, 10 s, then each 30 s, and at the end */
  ENS_PROGRESS_JSON,  /* an object a line, as often: step, steps, rate, acceptance, tau, n_over_tau, eta_s, elapsed_s */
  ENS_PROGRESS_NONE   /* nothing is written or computed */
} ens_progress_mode;

typedef struct ens_progress_options {
  ens_progress_mode mode;
  ens_console *console;     /* borrowed until destroy */
  uint64_t total;           /* kept steps of the whole run; 0: not known */
  uint64_t done;            /* kept steps made before this session */
  size_t nwalkers, ndim;    /* > 0 */
  const ens_domain *domain; /* borrowed until destroy; NULL: nothing is periodic */
  uint64_t thin_by;         /* > 0 */
  /* Evaluations so far, where a step has not just one a walker and proposal; called when something is shown only.
   * NULL: thin_by * nwalkers a step. */
  uint64_t (*evaluations)(void *context);
  void *evaluations_context;
  /* What the run waits for beside its steps, as a few words ("": nothing); returns the steps that it will take in all,
   * 0 where that is not known. Called as `evaluations` is. NULL: it waits for its steps only. */
  uint64_t (*waits)(void *context, char *out, size_t size);
  void *waits_context;
  double (*clock)(void *context); /* seconds that never go back; NULL: the system's monotonic clock */
  void *clock_context;
} ens_progress_options;

typedef struct ens_progress ens_progress;

/* "auto", "bar", "plain", "json", "none". false: another word, `mode` as it was. */
bool ens_progress_parse_mode(const char *word, ens_progress_mode *mode);

/* Time counts from here. NULL: no memory. */
ens_progress *ens_progress_create(const ens_progress_options *options);
/* The walkers have been evaluated at their start: the rate is of what comes from here on. */
void ens_progress_started(ens_progress *progress);
/* A step of the tuning is done, which comes before all kept steps; `tune` of them in all. */
void ens_progress_tuned(ens_progress *progress, uint64_t tuned, uint64_t tune);
ens_sink *ens_progress_sink(ens_progress *progress);   /* borrowed; its step never fails */
double ens_progress_tau(const ens_progress *progress); /* of the worst parameter, as shown last; NaN: not known yet */
/* Shows what is due while no step comes. Reads the clock (some 25 ns): for waits, not for every evaluation. */
void ens_progress_tick(ens_progress *progress);
/* Erases the bar, or writes the last line or object, with means over the session. Nothing is shown after it. */
void ens_progress_finish(ens_progress *progress);
void ens_progress_destroy(ens_progress *progress); /* Erases a bar that is there, writes nothing. NULL is fine. */

#endif
