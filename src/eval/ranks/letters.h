/* The messages between the ranks of a job, called letters: their kinds and the format of each. Each kind with a body
 * has a function that puts it into a bundle and one that takes it out again. All ranks run the same version of the
 * program, so a format may change with any version.
 *
 * A put function clears the bundle first. After an error, the bundle's `failed` is set (base/bundle.h). */
#ifndef ENS_EVAL_RANKS_LETTERS_H
#define ENS_EVAL_RANKS_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bundle.h"
#include "base/error.h"
#include "core/model/evaluator.h"
#include "eval/ranks/rank.h"
#include "eval/slow.h"

typedef enum ens_letter_kind {
  /* from rank 0 */
  ENS_LETTER_JOB,    /* a model, and the settings for its evaluation */
  ENS_LETTER_PIECE,  /* some bytes of a part of the model */
  ENS_LETTER_MAP,    /* the place of a part in another process of this host */
  ENS_LETTER_WORK,   /* a block of proposals */
  ENS_LETTER_RECALL, /* return the blocks that no worker has begun */
  ENS_LETTER_TELL,   /* report the evaluations in progress */
  ENS_LETTER_TEXT,   /* the text of a file */
  ENS_LETTER_DROP,   /* the job is over */
  ENS_LETTER_QUIT,   /* leave, and end with this exit status */
  /* to rank 0 */
  ENS_LETTER_HELLO,    /* the rank introduces itself */
  ENS_LETTER_MAPPED,   /* a part has arrived, and other processes of the host can map it */
  ENS_LETTER_MISSING,  /* the rank cannot map a part: send the bytes */
  ENS_LETTER_READY,    /* the workers are ready, or the model's error */
  ENS_LETTER_RESULT,   /* an evaluated block */
  ENS_LETTER_RETURNED, /* the blocks that no worker had begun */
  ENS_LETTER_SLOW,     /* a slow evaluation or setup */
  ENS_LETTER_ASK,      /* asks for the text of a file */
  ENS_LETTER_SIGNAL,   /* the rank received a signal */
  ENS_LETTER_BEAT,     /* the rank is alive */
  ENS_LETTER_BYE,      /* the last letter of a rank */
  ENS_LETTER_KINDS
} ens_letter_kind;

typedef struct ens_letter {
  int from;
  ens_letter_kind kind;
  unsigned job;    /* the number of the job; 0 if it belongs to none */
  ens_bundle body; /* valid until the next letter is received */
} ens_letter;

/* Handles one kind of letter. `receiver` is the object that the table of handlers belongs to. */
typedef void ens_letter_handler(void *receiver, ens_letter *letter);
/* Calls the receiver's handler for the kind of the letter. False: it has none. */
bool ens_letter_dispatch(ens_letter_handler *const handlers[ENS_LETTER_KINDS], void *receiver, ens_letter *letter);

/* ENS_LETTER_JOB. The parts of the model follow in other letters. */
typedef struct ens_letter_job {
  size_t nworkers;
  uint64_t seed;
  double timeout;          /* seconds of an evaluation; 0: no limit */
  const ens_bundle *model; /* put: the packed model, only lent */
} ens_letter_job;
void ens_letter_put_job(ens_bundle *paper, const ens_letter_job *job);
/* Fills `model` with the bytes, and with a part without memory for each part of the model. */
void ens_letter_take_job(ens_bundle *body, ens_letter_job *job, ens_bundle *model);

/* ENS_LETTER_PIECE */
typedef struct ens_letter_piece {
  size_t part, at, size; /* bytes at .. at + size - 1 of the part */
  const void *bytes;     /* take: valid as long as the body */
} ens_letter_piece;
void ens_letter_put_piece(ens_bundle *paper, const ens_letter_piece *piece);
ens_letter_piece ens_letter_take_piece(ens_bundle *body);

/* ENS_LETTER_MAP and ENS_LETTER_MAPPED: the arguments of ens_shared_open (data/shared.h). */
typedef struct ens_letter_map {
  size_t part;
  int64_t process;
  int file;
  uint64_t token; /* 0: the memory cannot be shared */
} ens_letter_map;
void ens_letter_put_map(ens_bundle *paper, const ens_letter_map *map);
ens_letter_map ens_letter_take_map(ens_bundle *body);

/* ENS_LETTER_MISSING: the part's number. ENS_LETTER_SIGNAL: the signal's. ENS_LETTER_QUIT: the exit status. */
void ens_letter_put_number(ens_bundle *paper, int64_t number);
int64_t ens_letter_take_number(ens_bundle *body);

/* ENS_LETTER_WORK. The receiver makes room for `count` proposals, then takes them; this sets the block's count, steps,
 * walkers and thetas. */
typedef struct ens_letter_work {
  size_t slot, count;
} ens_letter_work;
void ens_letter_put_work(ens_bundle *paper, size_t slot, const ens_block *block);
ens_letter_work ens_letter_take_work(ens_bundle *body);
void ens_letter_take_proposals(ens_bundle *body, const ens_letter_work *work, ens_block *block);

/* ENS_LETTER_RESULT. The receiver finds the block by its slot, then takes the values; this sets the block's seconds,
 * worker, log_probs, blobs, outcomes and messages. */
typedef struct ens_letter_result {
  size_t slot;
  unsigned worker;
  double seconds;
  bool failed; /* some evaluations failed: outcomes and messages follow */
} ens_letter_result;
void ens_letter_put_result(ens_bundle *paper, size_t slot, const ens_block *block);
ens_letter_result ens_letter_take_result(ens_bundle *body);
void ens_letter_take_values(ens_bundle *body, const ens_letter_result *result, ens_block *block);

/* ENS_LETTER_RETURNED: a list of slots, which is put together slot by slot; clear the bundle first. */
void ens_letter_add_slot(ens_bundle *paper, size_t slot);
bool ens_letter_take_slot(ens_bundle *body, size_t *slot); /* false at the end of the list */

/* ENS_LETTER_SLOW. Rank and host are not sent: the receiver knows them. take copies the parameters to theta[ndim];
 * false if the letter is too short. */
void ens_letter_put_slow(ens_bundle *paper, const ens_slow *slow, size_t ndim);
bool ens_letter_take_slow(ens_bundle *body, ens_slow *slow, double *theta, size_t ndim);

/* ENS_LETTER_READY. The caller frees the text; it is the message of an error. */
void ens_letter_put_ready(ens_bundle *paper, ens_status status, const char *text);
char *ens_letter_take_ready(ens_bundle *body, ens_status *status);

/* ENS_LETTER_HELLO. `program`: version and engine. The caller frees the program that take returns. */
void ens_letter_put_hello(ens_bundle *paper, const ens_rank *rank, const char *program);
char *ens_letter_take_hello(ens_bundle *body, ens_rank *rank);

/* ENS_LETTER_ASK. The caller frees the path that take returns; NULL: no memory. */
void ens_letter_put_ask(ens_bundle *paper, uint64_t question, const char *path);
char *ens_letter_take_ask(ens_bundle *body, uint64_t *question);

/* ENS_LETTER_TEXT answers ENS_LETTER_ASK: the result of ens_servant_ask. */
typedef struct ens_letter_text {
  uint64_t question;
  ens_status status;
  int number; /* errno */
  char *text; /* take: malloc'ed, with a '\0' behind it; NULL: there is none */
  size_t size;
} ens_letter_text;
void ens_letter_put_text(ens_bundle *paper, const ens_letter_text *text);
/* The question's number comes first, so that the receiver can find it before it takes the rest. */
uint64_t ens_letter_take_question(ens_bundle *body);
void ens_letter_take_text(ens_bundle *body, ens_letter_text *text);

#endif
