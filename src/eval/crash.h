/* Reports a crash of the process, most often inside a native model: where it was, and which steps are safe. Then the
 * crash takes its course. The code that runs at that moment calls only functions that are safe in a signal handler. */
#ifndef ENS_EVAL_CRASH_H
#define ENS_EVAL_CRASH_H

#include <stddef.h>
#include <stdint.h>

/* A text for stderr that a signal handler can put together. It is written as a whole, because other threads write to
 * stderr too; a text longer than `bytes` is written in several pieces. Begins as {0}. */
typedef struct ens_crash_text {
  size_t length;
  char bytes[16 << 10];
} ens_crash_text;

void ens_crash_add(ens_crash_text *text, const char *more);
void ens_crash_add_count(ens_crash_text *text, uint64_t n);
void ens_crash_flush(ens_crash_text *text);

/* From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT are reported before their earlier handlers run. `rank`
 * stands before "worker 1" in the report, as "rank 2 (host node7), "; it is borrowed until the release, and "" if the
 * run has one process. `note` adds to the report; NULL: nothing. Calls do not nest. */
void ens_crash_catch(const char *rank, void (*note)(ens_crash_text *text));
void ens_crash_release(void);

#endif
