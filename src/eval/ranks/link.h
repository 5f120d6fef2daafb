/* The connection of this process to the other ranks of its job: it sends and receives letters through a plugin for MPI.
 * A process has one link, which only its main thread uses. Sending never waits. Waiting does not keep a core busy (see
 * ens_link_pause). */
#ifndef ENS_EVAL_RANKS_LINK_H
#define ENS_EVAL_RANKS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bundle.h"
#include "base/error.h"
#include "eval/ranks/launcher.h"
#include "eval/ranks/letters.h"

typedef struct ens_link ens_link;

enum { ENS_LINK_JOBS = 1000 }; /* jobs are numbered 1 .. ENS_LINK_JOBS - 1; 0 stands for no job */

/* Loads a plugin and joins the job. `folders`: where to look for plugins, ends with NULL. Errors are ENS_CONFIG. MPI
 * itself waits without a limit for ranks that do not join or do not leave; after a limit of our own, this process
 * prints a message and ends, and the job ends with it. */
ens_status ens_link_open(const ens_launcher *launcher, const char *const *folders, ens_link **out, ens_error *error);
/* Waits until all posted letters are sent, then leaves the job. NULL is fine. */
void ens_link_close(ens_link *link);
/* Ends this process and every other rank. */
void ens_link_abort(ens_link *link, int status) __attribute__((noreturn));

/* Letters of one kind since the start. The bytes do not include MPI's own envelopes. */
typedef struct ens_link_count {
  uint64_t letters, bytes;
} ens_link_count;
ens_link_count ens_link_sent(const ens_link *link, ens_letter_kind kind);
ens_link_count ens_link_received(const ens_link *link, ens_letter_kind kind);

int ens_link_rank(const ens_link *link);
int ens_link_size(const ens_link *link);
int ens_link_node(const ens_link *link);        /* the lowest rank on this host */
double ens_link_patience(const ens_link *link); /* seconds that ranks wait for each other at the start */

/* Sends a copy of the paper's bytes; paper NULL: a letter without a body. If memory runs out, here or earlier in the
 * paper, the job ends. If MPI fails, the job ends too, except on rank 0: there the letter is lost and ens_link_broken
 * returns the receiver, so that the run can save its steps first. */
void ens_link_post(ens_link *link, int to, ens_letter_kind kind, unsigned job, const ens_bundle *paper);
/* Receives the next letter; false: none has arrived. */
bool ens_link_next(ens_link *link, ens_letter *out);
/* Drives the sending of large letters. Returns how many letters are not sent yet. */
size_t ens_link_pending(ens_link *link);
int ens_link_broken(const ens_link *link);    /* the rank that a letter could not be sent to; 0: none */
double ens_link_posted(const ens_link *link); /* when the last letter was posted, in seconds of ens_clock_now */

/* Seconds to sleep or to do other work before the next look for letters: 0 right after one has arrived, then longer and
 * longer, up to `most`. */
double ens_link_pause(ens_link *link, double most);
/* A good `most` for ens_link_pause while workers evaluate blocks of so many seconds: at most one block ends per pause.
 */
double ens_link_rest(double block_seconds);

#endif
