/* The ranks of a job and the messages between them, over a plugin for MPI. One link a process, used by its main thread
 * only. Sending never waits; waiting costs no core (see ens_link_pause). */
#ifndef ENS_EVAL_RANKS_LINK_H
#define ENS_EVAL_RANKS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bundle.h"
#include "base/error.h"
#include "eval/ranks/launcher.h"

typedef struct ens_link ens_link;

/* Messages: rank 0's to the others and theirs to it. A letter belongs to a job, one model on all ranks, or to none. */
typedef enum ens_letter_kind {
  /* from rank 0 */
  ENS_LETTER_JOB,    /* a model, and how to work on it */
  ENS_LETTER_PIECE,  /* bytes of a part */
  ENS_LETTER_MAP,    /* where on this host a part is */
  ENS_LETTER_WORK,   /* a block of proposals */
  ENS_LETTER_RECALL, /* give back what is not begun */
  ENS_LETTER_TELL,   /* what is going on? */
  ENS_LETTER_TEXT,   /* a file's text */
  ENS_LETTER_DROP,   /* the job is over */
  ENS_LETTER_QUIT,
  /* to rank 0 */
  ENS_LETTER_HELLO,    /* a rank and its host */
  ENS_LETTER_MAPPED,   /* a part is here, for others of the host to map */
  ENS_LETTER_MISSING,  /* it cannot be mapped: send it */
  ENS_LETTER_READY,    /* the workers are made, or why not */
  ENS_LETTER_RESULT,   /* a block, evaluated */
  ENS_LETTER_RETURNED, /* blocks that were not begun */
  ENS_LETTER_SLOW,     /* an evaluation or a setup that lasts */
  ENS_LETTER_ASK,      /* for a file's text */
  ENS_LETTER_SIGNAL,   /* a signal came to a rank */
  ENS_LETTER_BEAT,     /* still there */
  ENS_LETTER_BYE,
  ENS_NLETTERS
} ens_letter_kind;

enum { ENS_LINK_JOBS = 1000 }; /* jobs are numbered 0 .. ENS_LINK_JOBS - 1; letters of none go by 0 */

typedef struct ens_letter {
  int from;
  ens_letter_kind kind;
  unsigned job;
  ens_bundle body; /* to be taken from; valid until the next letter */
} ens_letter;

/* Loads a plugin and joins the job. `folders`: where plugins are, ends with NULL. ENS_CONFIG says why it cannot. MPI
 * waits without a limit for whoever does not come, or does not leave: then this process ends with a word, and with it
 * the job. */
ens_status ens_link_open(const ens_launcher *launcher, const char *const *folders, ens_link **out, ens_error *error);
void ens_link_close(ens_link *link); /* when all that was posted is sent; NULL is fine */
void ens_link_abort(ens_link *link, int status) __attribute__((noreturn));

/* What has gone through this process's link since the start: letters of one kind, without MPI's own envelopes. */
typedef struct ens_link_count {
  uint64_t letters, bytes;
} ens_link_count;
ens_link_count ens_link_sent(const ens_link *link, ens_letter_kind kind);
ens_link_count ens_link_received(const ens_link *link, ens_letter_kind kind);

int ens_link_rank(const ens_link *link);
int ens_link_size(const ens_link *link);
int ens_link_node(const ens_link *link);        /* the lowest rank on this host */
double ens_link_patience(const ens_link *link); /* seconds that ranks wait for each other at the start */

/* Sends a copy of the bytes. Without memory the job ends, and where MPI fails, but on rank 0: there the letter is lost,
 * and ens_link_broken says so, so that what is sampled can be saved first. */
void ens_link_post(ens_link *link, int to, ens_letter_kind kind, unsigned job, const void *bytes, size_t size);
/* The next letter that has come; false: none. */
bool ens_link_next(ens_link *link, ens_letter *out);
size_t ens_link_pending(ens_link *link);   /* letters that are not on their way yet; drives those that are not small */
int ens_link_broken(const ens_link *link); /* the rank that a letter could not be sent to; 0: none */
double ens_link_posted(const ens_link *link); /* when something was posted last */

/* How long to do something else until the next look for letters, in seconds: nothing right after one has come, longer
 * and longer up to `most` while none does. */
double ens_link_pause(ens_link *link, double most);
/* The longest pause between looks for letters while blocks of so many seconds are worked on: one may end meanwhile, not
 * many. */
double ens_link_rest(double block_seconds);

#endif
