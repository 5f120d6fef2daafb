/* Two threads meet here: the main thread, which alone uses the link, and the pool's, which leave questions and
 * reports for it under one lock. */
#include "eval/ranks/servant.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/shared.h"
#include "eval/pool.h"
#include "eval/ranks/letters.h"
#include "eval/ranks/rank.h"
#include "sys/clock.h"

static const double beat_seconds = 1;  /* longest silence of a rank that has work */
static const double idle_pause = 1e-2; /* longest pause between looks for letters after idle_after without work */
static const double idle_after = 1;

/* A report of a worker's thread that the main thread has not sent yet. */
typedef struct note {
  struct note *next;
  ens_slow slow;
  double theta[];
} note;

typedef struct job {
  struct job *next;
  struct servant *servant;
  unsigned number;
  ens_bundle bundle;
  ens_shared *shared; /* [bundle.nparts] */
  size_t *arrived;    /* [bundle.nparts] bytes */
  size_t nparts_here, nworkers, nslots, in_flight;
  uint64_t seed;
  double timeout;
  ens_model *model;
  ens_evaluator *pool;
  ens_block **slot; /* [nslots] blocks, made when first needed; threshold[0] of a block is its slot */
  bool building, dropped;
  atomic_bool tell;
  note *notes; /* under the servant's lock */
} job;

/* A worker's request for a file's text; it lies on the stack of the worker, which waits for the answer. */
typedef struct question {
  struct question *next;
  const char *path;
  bool posted, answered;
  ens_letter_text answer; /* answer.question is the number of this request */
} question;

typedef struct servant {
  ens_link *link;
  const ens_servant_config *config;
  job *first;
  ens_bundle paper;
  double worked, block_seconds;
  pid_t parent;
  bool quit;
  int status;
} servant;

/* Shared by the main thread and the workers' threads. A process has one, as it has one link. */
static struct {
  pthread_mutex_t lock;
  pthread_cond_t answered;
  question *asked;
  uint64_t nasked;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

static void post(servant *s, ens_letter_kind kind, unsigned number) {
  ens_link_post(s->link, 0, kind, number, &s->paper);
}

/* ---- texts that rank 0 has ---- */

ens_status ens_servant_ask(const char *path, char **text, size_t *size, int *number, ens_error *error) {
  question q = {.path = path};
  pthread_mutex_lock(&shared.lock);
  q.answer.question = shared.nasked++;
  q.next = shared.asked;
  shared.asked = &q;
  while (!q.answered) pthread_cond_wait(&shared.answered, &shared.lock);
  pthread_mutex_unlock(&shared.lock);
  *text = q.answer.text;
  *size = q.answer.size;
  *number = q.answer.number;
  return q.answer.status ? ens_error_memory(error) : ENS_OK;
}

static void post_questions(servant *s) {
  pthread_mutex_lock(&shared.lock);
  for (question *q = shared.asked; q; q = q->next) {
    if (q->posted) continue;
    q->posted = true;
    ens_letter_put_ask(&s->paper, q->answer.question, q->path);
    post(s, ENS_LETTER_ASK, 0);
  }
  pthread_mutex_unlock(&shared.lock);
}

static void take_text(void *receiver, ens_letter *letter) {
  (void)receiver;
  uint64_t number = ens_letter_take_question(&letter->body);
  pthread_mutex_lock(&shared.lock);
  question **at = &shared.asked;
  while (*at && (*at)->answer.question != number) at = &(*at)->next;
  question *q = *at;
  if (q) {
    *at = q->next;
    ens_letter_take_text(&letter->body, &q->answer);
    q->answered = true;
    pthread_cond_broadcast(&shared.answered);
  }
  pthread_mutex_unlock(&shared.lock);
}

/* ---- slow evaluations and setups ---- */

static void on_slow(void *context, const ens_slow *slow) {
  job *j = context;
  size_t size = slow->setup ? 0 : j->model->ndim * sizeof(double);
  note *n = malloc(sizeof *n + size);
  if (!n) return;
  n->slow = *slow;
  if (size) memcpy(n->theta, slow->theta, size);
  pthread_mutex_lock(&shared.lock);
  note **last = &j->notes;
  while (*last) last = &(*last)->next;
  n->next = NULL;
  *last = n;
  pthread_mutex_unlock(&shared.lock);
}

static bool on_asked(void *context) {
  return atomic_exchange(&((job *)context)->tell, false);
}

static void post_notes(servant *s, job *j) {
  pthread_mutex_lock(&shared.lock);
  note *n = j->notes, *next;
  j->notes = NULL;
  pthread_mutex_unlock(&shared.lock);
  for (; n; n = next) {
    next = n->next;
    n->slow.theta = n->theta;
    ens_letter_put_slow(&s->paper, &n->slow, n->slow.setup ? 0 : j->model->ndim);
    post(s, ENS_LETTER_SLOW, j->number);
    free(n);
  }
}

/* ---- the beginning and the end of a job ---- */

static void free_job(job *j) {
  if (j->pool) j->pool->ops->destroy(j->pool);
  if (j->model) j->model->ops->destroy(j->model);
  for (size_t i = 0; j->slot && i < j->nslots; i++) ens_block_destroy(j->slot[i]);
  for (size_t i = 0; j->shared && i < j->bundle.nparts; i++) ens_shared_close(&j->shared[i]);
  for (note *n = j->notes, *next; n; n = next) {
    next = n->next;
    free(n);
  }
  ens_bundle_free(&j->bundle);
  free(j->shared);
  free(j->arrived);
  free(j->slot);
  free(j);
}

static void turn(servant *s);

static void on_building(void *context) {
  turn(((job *)context)->servant);
}

static ens_status make_pool(job *j, ens_error *error) {
  ens_watch watch = {
      .timeout = j->timeout, .context = j, .report = on_slow, .asked = on_asked, .building = on_building};
  ens_status status = j->servant->config->unpack(&j->bundle, &j->model, error);
  if (status) return status;
  j->model->seed = j->seed;
  return ens_pool_create(j->model, j->nworkers, &watch, &j->pool, error);
}

static void begin(servant *s, job *j) {
  ens_error error = ENS_ERROR_NONE;
  j->building = true;
  ens_status status = make_pool(j, &error);
  j->building = false;
  ens_letter_put_ready(&s->paper, status, ens_error_text(&error));
  post(s, ENS_LETTER_READY, j->number);
  ens_error_clear(&error);
}

static void begin_if_whole(servant *s, job *j) {
  if (j->nparts_here == j->bundle.nparts && !j->building) begin(s, j);
}

static bool read_job(job *j, ens_bundle *body) {
  ens_letter_job letter;
  ens_letter_take_job(body, &letter, &j->bundle);
  size_t nparts = j->bundle.nparts;
  j->nworkers = letter.nworkers;
  j->seed = letter.seed;
  j->timeout = letter.timeout;
  j->nslots = 3 * j->nworkers + 1;
  j->slot = calloc(j->nslots, sizeof *j->slot);
  j->shared = calloc(nparts + 1, sizeof *j->shared);
  j->arrived = calloc(nparts + 1, sizeof *j->arrived);
  for (size_t i = 0; j->shared && i < nparts; i++) j->shared[i].file = -1;
  return j->slot && j->shared && j->arrived && !j->bundle.failed;
}

static void take_job(void *receiver, ens_letter *letter) {
  servant *s = receiver;
  if (!s->first) s->config->forget();
  job *j = calloc(1, sizeof *j);
  if (!j || !read_job(j, &letter->body)) ens_link_abort(s->link, 1);
  j->servant = s;
  j->number = letter->job;
  j->next = s->first;
  s->first = j;
  begin_if_whole(s, j);
}

static void end(servant *s, job *j) {
  job **at = &s->first;
  while (*at != j) at = &(*at)->next;
  *at = j->next;
  free_job(j);
}

static void take_drop(void *receiver, ens_letter *letter) {
  job *j = receiver;
  (void)letter;
  if (j->building)
    j->dropped = true;
  else
    end(j->servant, j);
}

static void take_quit(void *receiver, ens_letter *letter) {
  servant *s = receiver;
  s->quit = true;
  s->status = (int)ens_letter_take_number(&letter->body);
}

/* ---- parts ---- */

static void part_is_here(job *j, size_t i) {
  if (j->shared[i].memory) j->bundle.part[i].memory = j->shared[i].memory;
  j->nparts_here++;
  begin_if_whole(j->servant, j);
}

/* Makes memory that other ranks of the host can map, or else memory of this rank alone. */
static void make_part(job *j, size_t i) {
  ens_bundle_part *part = &j->bundle.part[i];
  if (ens_shared_create(part->size, &j->shared[i])) return;
  part->memory = part->context = malloc(part->size);
  part->release = free;
  if (!part->memory) ens_link_abort(j->servant->link, 1);
}

static void take_piece(void *receiver, ens_letter *letter) {
  job *j = receiver;
  servant *s = j->servant;
  ens_letter_piece piece = ens_letter_take_piece(&letter->body);
  size_t i = piece.part;
  ens_bundle_part *part = &j->bundle.part[i];
  if (piece.at == 0) make_part(j, i);
  bool is_shared = j->shared[i].memory != NULL;
  char *to = is_shared ? j->shared[i].memory : part->context;
  memcpy(to + piece.at, piece.bytes, piece.size);
  if ((j->arrived[i] += piece.size) < part->size) return;
  ens_letter_map map = {i, getpid(), j->shared[i].file, is_shared ? j->shared[i].token : 0};
  ens_letter_put_map(&s->paper, &map);
  post(s, ENS_LETTER_MAPPED, j->number);
  part_is_here(j, i);
}

static void take_map(void *receiver, ens_letter *letter) {
  job *j = receiver;
  servant *s = j->servant;
  ens_letter_map map = ens_letter_take_map(&letter->body);
  size_t i = map.part;
  if (ens_shared_open(map.process, map.file, map.token, j->bundle.part[i].size, &j->shared[i])) {
    part_is_here(j, i);
    return;
  }
  ens_letter_put_number(&s->paper, (int64_t)i);
  post(s, ENS_LETTER_MISSING, j->number);
}

/* ---- blocks ---- */

static ens_block *block_of(job *j, size_t slot, size_t count) {
  ens_block **block = &j->slot[slot];
  if (*block && (*block)->capacity < count) {
    ens_block_destroy(*block);
    *block = NULL;
  }
  if (!*block) *block = ens_block_create(count, j->model->ndim, j->model->blobs.ncells);
  if (!*block) ens_link_abort(j->servant->link, 1);
  return *block;
}

static void take_work(void *receiver, ens_letter *letter) {
  job *j = receiver;
  ens_letter_work work = ens_letter_take_work(&letter->body);
  ens_block *block = block_of(j, work.slot, work.count);
  ens_letter_take_proposals(&letter->body, &work, block);
  block->threshold[0] = (double)work.slot;
  j->in_flight++;
  j->pool->ops->submit(j->pool, block);
}

static void post_result(servant *s, job *j, ens_block *block) {
  s->block_seconds += (s->block_seconds > 0 ? 0.05 : 1) * (block->seconds - s->block_seconds);
  ens_letter_put_result(&s->paper, (size_t)block->threshold[0], block);
  post(s, ENS_LETTER_RESULT, j->number);
  ens_block_clear(block);
}

/* False: no block was finished within the timeout. */
static bool post_finished(servant *s, job *j, double timeout) {
  if (!j->pool || j->building || !j->in_flight) return false;
  ens_block *block = j->pool->ops->wait(j->pool, timeout), *next;
  bool any = block != NULL;
  for (; block; block = next) {
    next = block->next;
    j->in_flight--;
    post_result(s, j, block);
  }
  return any;
}

static void take_recall(void *receiver, ens_letter *letter) {
  job *j = receiver;
  servant *s = j->servant;
  (void)letter;
  ens_bundle_clear(&s->paper);
  for (ens_block *block = j->pool->ops->recall(j->pool); block; block = block->next) {
    ens_letter_add_slot(&s->paper, (size_t)block->threshold[0]);
    j->in_flight--;
  }
  post(s, ENS_LETTER_RETURNED, j->number);
}

static void take_tell(void *receiver, ens_letter *letter) {
  job *j = receiver;
  (void)letter;
  atomic_store(&j->tell, true);
}

/* ---- the loop ---- */

static void take_letter(servant *s, ens_letter *letter) {
  static ens_letter_handler *const own[ENS_LETTER_KINDS] = {
      [ENS_LETTER_JOB] = take_job, [ENS_LETTER_TEXT] = take_text, [ENS_LETTER_QUIT] = take_quit};
  static ens_letter_handler *const of_job[ENS_LETTER_KINDS] = {
      [ENS_LETTER_PIECE] = take_piece,   [ENS_LETTER_MAP] = take_map,   [ENS_LETTER_WORK] = take_work,
      [ENS_LETTER_RECALL] = take_recall, [ENS_LETTER_TELL] = take_tell, [ENS_LETTER_DROP] = take_drop};
  if (ens_letter_dispatch(own, s, letter)) return;
  job *j = s->first;
  while (j && j->number != letter->job) j = j->next;
  if (j) ens_letter_dispatch(of_job, j, letter);
}

/* Whether rank 0 waits for this rank: for evaluations, or for a model whose parts may take long to arrive. */
static bool has_work(const servant *s) {
  for (const job *j = s->first; j; j = j->next)
    if (j->in_flight || j->building || j->nparts_here < j->bundle.nparts) return true;
  return false;
}

static void beat(servant *s) {
  if (has_work(s) && ens_clock_now() - ens_link_posted(s->link) > beat_seconds)
    ens_link_post(s->link, 0, ENS_LETTER_BEAT, 0, NULL);
}

static void turn(servant *s) {
  ens_letter letter;
  if (getppid() != s->parent) _exit(1);     /* the launcher has ended, so nobody else would end this process */
  while (ens_link_next(s->link, &letter)) { /* after ENS_LETTER_QUIT too: a worker may wait for an answer */
    s->worked = ens_clock_now();
    take_letter(s, &letter);
    beat(s);
  }
  post_questions(s);
  for (job *j = s->first, *next; j; j = next) {
    next = j->next;
    post_notes(s, j);
    post_finished(s, j, 0);
    if (j->dropped && !j->building) end(s, j);
  }
  int number = s->config->signalled();
  if (number) {
    ens_letter_put_number(&s->paper, number);
    post(s, ENS_LETTER_SIGNAL, 0);
  }
  beat(s);
}

/* Sleeps until it is time for the next look for letters, or until a block is finished. */
static void rest(servant *s) {
  double now = ens_clock_now();
  if (has_work(s)) s->worked = now;
  double pause = ens_link_pause(s->link, now - s->worked > idle_after ? idle_pause : ens_link_rest(s->block_seconds));
  job *j = s->first;
  while (j && !j->in_flight) j = j->next;
  if (!j || pause == 0)
    ens_clock_sleep(pause);
  else
    post_finished(s, j, pause);
}

static void introduce(servant *s) {
  ens_rank rank;
  ens_rank_describe(&rank, ens_link_node(s->link), s->config->cpus);
  ens_letter_put_hello(&s->paper, &rank, s->config->program);
  post(s, ENS_LETTER_HELLO, 0);
}

int ens_servant_run(ens_link *link, const ens_servant_config *config) {
  servant s = {.link = link, .config = config, .worked = ens_clock_now(), .parent = getppid()};
  introduce(&s);
  while (!s.quit) {
    turn(&s);
    if (!s.quit) rest(&s);
  }
  while (s.first) end(&s, s.first);
  ens_link_post(link, 0, ENS_LETTER_BYE, 0, NULL);
  ens_bundle_free(&s.paper);
  ens_link_close(link);
  return s.status;
}
