/* Shows the progress of a run: a bar, lines or JSON objects. It is a sink that counts kept steps, and it reads the
 * clock only now and then. Knows nothing of the sampler. One thread at a time may use it; it writes through the
 * console. */
#ifndef ENS_REPORT_PROGRESS_H
#define ENS_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/domain.h"
#include "core/sink.h"
#include "report/console.h"

typedef enum ens_progress_mode {
  ENS_PROGRESS_AUTO,  /* bar if the console's screen is a terminal, else plain */
  ENS_PROGRESS_BAR,   /* one line, drawn at most 10 times per second and erased at the end */
  ENS_PROGRESS_PLAIN, /* a line after 1, 2, 5, 10 s, then every 30 s, and at the end */
  ENS_PROGRESS_JSON,  /* an object per line, at the same times: step, steps, rate, acceptance, tau, n_over_tau, eta_s,
                         elapsed_s */
  ENS_PROGRESS_NONE   /* writes and computes nothing */
} ens_progress_mode;

typedef struct ens_progress_options {
  ens_progress_mode mode;
  ens_console *console;     /* borrowed until destroy */
  uint64_t total;           /* kept steps of the whole run; 0: not known */
  uint64_t done;            /* kept steps of earlier sessions */
  size_t nwalkers, ndim;    /* > 0 */
  const ens_domain *domain; /* borrowed until destroy; NULL: no parameter is periodic */
  uint64_t thin_by;         /* > 0 */
  /* The number of evaluations so far; called only when something is shown. NULL: a kept step has thin_by * nwalkers
   * evaluations. */
  uint64_t (*evaluations)(void *context);
  void *evaluations_context;
  /* Writes the goals of the run besides its steps in a few words ("": none). Returns the kept steps that the run will
   * have in the end, 0 if that is not known. Called like `evaluations`. NULL: the run has no such goals. */
  uint64_t (*waits)(void *context, char *out, size_t size);
  void *waits_context;
  double (*clock)(void *context); /* monotonic seconds; NULL: ens_clock_now */
  void *clock_context;
} ens_progress_options;

typedef struct ens_progress ens_progress;

/* Reads "auto", "bar", "plain", "json" or "none". False for another word; then `mode` does not change. */
bool ens_progress_parse_mode(const char *word, ens_progress_mode *mode);

/* The time starts here. NULL: no memory. */
ens_progress *ens_progress_create(const ens_progress_options *options);
/* Call it when the start of the walkers has been evaluated: the rate counts from here. */
void ens_progress_started(ens_progress *progress);
/* Call it after each step of the tuning, which precedes all kept steps; `tuned` steps of `tune` are done. */
void ens_progress_tuned(ens_progress *progress, uint64_t tuned, uint64_t tune);
ens_sink *ens_progress_sink(ens_progress *progress);   /* borrowed; its step has no errors */
double ens_progress_tau(const ens_progress *progress); /* of the worst parameter, as last shown; NaN: not known yet */
/* Shows the progress if it is time to. Reads the clock (some 25 ns), so call it while you wait, not for every
 * evaluation. */
void ens_progress_tick(ens_progress *progress);
/* Erases the bar, or writes the last line or object, with means over the session. Nothing is shown after that. */
void ens_progress_finish(ens_progress *progress);
void ens_progress_destroy(ens_progress *progress); /* Erases the bar. NULL is fine. */

#endif
