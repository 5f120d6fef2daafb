#include "eval/ranks/servant.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/shared.h"
#include "eval/pool.h"
#include "eval/ranks/ranks.h"
#include "sys/clock.h"

static const double beat_seconds = 1;  /* at least so often is rank 0 told that this rank is there */
static const double idle_pause = 1e-2; /* longest time between looks for letters, without work */
static const double idle_after = 1;    /* seconds without work */

/* What a worker's thread has seen that rank 0 is to know. */
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
  ens_block **slot; /* [nslots] made when first needed; threshold[0] of a block is its number */
  bool building, dropped;
  atomic_bool tell;
  note *notes; /* under the servant's lock */
} job;

typedef struct question {
  struct question *next;
  uint64_t number;
  const char *path;
  bool posted, answered;
  char *text;
  size_t size;
  int error;
  ens_status status;
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

/* Between the main thread and the workers'; of the process, as the link is. */
static struct {
  pthread_mutex_t lock;
  pthread_cond_t answered;
  question *asked;
  uint64_t nasked;
  char name[ENS_HOST_BYTES + 40];
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

static void post(servant *s, ens_letter_kind kind, unsigned number) {
  if (s->paper.failed) ens_link_abort(s->link, 1);
  ens_link_post(s->link, 0, kind, number, s->paper.bytes, s->paper.size);
}

const char *ens_servant_name(void) {
  return shared.name;
}

/* ---- texts that rank 0 has ---- */

ens_status ens_servant_ask(const char *path, char **text, size_t *size, int *number, ens_error *error) {
  question q = {.path = path};
  pthread_mutex_lock(&shared.lock);
  q.number = shared.nasked++;
  q.next = shared.asked;
  shared.asked = &q;
  while (!q.answered) pthread_cond_wait(&shared.answered, &shared.lock);
  pthread_mutex_unlock(&shared.lock);
  *text = q.text;
  *size = q.size;
  *number = q.error;
  return q.status ? ens_error_memory(error) : ENS_OK;
}

static void post_questions(servant *s) {
  pthread_mutex_lock(&shared.lock);
  for (question *q = shared.asked; q; q = q->next) {
    if (q->posted) continue;
    q->posted = true;
    ens_bundle_clear(&s->paper);
    ens_bundle_put_count(&s->paper, q->number);
    ens_bundle_put_text(&s->paper, q->path);
    post(s, ENS_LETTER_ASK, 0);
  }
  pthread_mutex_unlock(&shared.lock);
}

static void fill_answer(question *q, ens_bundle *body) {
  q->status = (ens_status)(int64_t)ens_bundle_take_count(body);
  q->error = (int)ens_bundle_take_count(body);
  uint64_t size = ens_bundle_take_count(body);
  q->answered = true;
  if (q->status || size == UINT64_MAX) return;
  q->size = (size_t)size;
  q->text = malloc(q->size + 1);
  if (!q->text) q->status = ENS_MEMORY;
  if (!q->text) return;
  ens_bundle_take(body, q->text, q->size);
  q->text[q->size] = '\0';
}

static void take_text(servant *s, job *j, ens_letter *letter) {
  (void)s, (void)j;
  uint64_t number = ens_bundle_take_count(&letter->body);
  pthread_mutex_lock(&shared.lock);
  question **at = &shared.asked;
  while (*at && (*at)->number != number) at = &(*at)->next;
  question *q = *at;
  if (q) {
    *at = q->next;
    fill_answer(q, &letter->body);
    pthread_cond_broadcast(&shared.answered);
  }
  pthread_mutex_unlock(&shared.lock);
}

/* ---- evaluations and setups that last ---- */

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
    ens_bundle_clear(&s->paper);
    ens_bundle_put(&s->paper, &n->slow, sizeof n->slow);
    if (!n->slow.setup) ens_bundle_put(&s->paper, n->theta, j->model->ndim * sizeof(double));
    post(s, ENS_LETTER_SLOW, j->number);
    free(n);
  }
}

/* ---- a job's beginning and end ---- */

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
  ens_bundle_clear(&s->paper);
  ens_bundle_put_count(&s->paper, (uint64_t)(int64_t)status);
  ens_bundle_put_text(&s->paper, ens_error_text(&error));
  post(s, ENS_LETTER_READY, j->number);
  ens_error_clear(&error);
}

static void begin_if_whole(servant *s, job *j) {
  if (j->nparts_here == j->bundle.nparts && !j->building) begin(s, j);
}

static bool read_job(job *j, ens_bundle *body) {
  j->nworkers = (size_t)ens_bundle_take_count(body);
  j->seed = ens_bundle_take_count(body);
  j->timeout = ens_bundle_take_double(body);
  j->nslots = 3 * j->nworkers + 1;
  size_t nparts = (size_t)ens_bundle_take_count(body);
  j->slot = calloc(j->nslots, sizeof *j->slot);
  j->shared = calloc(nparts + 1, sizeof *j->shared);
  j->arrived = calloc(nparts + 1, sizeof *j->arrived);
  for (size_t i = 0; i < nparts; i++) {
    ens_bundle_part part = {.size = (size_t)ens_bundle_take_count(body), .file = -1};
    ens_bundle_put_part(&j->bundle, &part);
    if (j->shared) j->shared[i].file = -1;
  }
  size_t size = (size_t)ens_bundle_take_count(body);
  ens_bundle_put(&j->bundle, ens_bundle_take_bytes(body, size), size);
  return j->slot && j->shared && j->arrived && !j->bundle.failed;
}

static void take_job(servant *s, job *none, ens_letter *letter) {
  (void)none;
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

static void take_drop(servant *s, job *j, ens_letter *letter) {
  (void)letter;
  if (j->building)
    j->dropped = true;
  else
    end(s, j);
}

static void take_quit(servant *s, job *j, ens_letter *letter) {
  (void)j;
  s->quit = true;
  s->status = (int)ens_bundle_take_count(&letter->body);
}

/* ---- parts ---- */

static void part_is_here(servant *s, job *j, size_t i) {
  if (j->shared[i].memory) j->bundle.part[i].memory = j->shared[i].memory;
  j->nparts_here++;
  begin_if_whole(s, j);
}

/* Memory that others of the host can map; where there is none, this rank's own. */
static void make_part(servant *s, job *j, size_t i) {
  ens_bundle_part *part = &j->bundle.part[i];
  if (ens_shared_create(part->size, &j->shared[i])) return;
  part->memory = part->context = malloc(part->size);
  part->release = free;
  if (!part->memory) ens_link_abort(s->link, 1);
}

static void take_piece(servant *s, job *j, ens_letter *letter) {
  size_t i = (size_t)ens_bundle_take_count(&letter->body), at = (size_t)ens_bundle_take_count(&letter->body);
  size_t size = letter->body.size - letter->body.at;
  ens_bundle_part *part = &j->bundle.part[i];
  if (at == 0) make_part(s, j, i);
  bool is_shared = j->shared[i].memory != NULL;
  char *to = is_shared ? j->shared[i].memory : part->context;
  memcpy(to + at, ens_bundle_take_bytes(&letter->body, size), size);
  if ((j->arrived[i] += size) < part->size) return;
  ens_bundle_clear(&s->paper);
  ens_bundle_put_count(&s->paper, i);
  ens_bundle_put_count(&s->paper, (uint64_t)getpid());
  ens_bundle_put_count(&s->paper, (uint64_t)j->shared[i].file);
  ens_bundle_put_count(&s->paper, is_shared ? j->shared[i].token : 0);
  post(s, ENS_LETTER_MAPPED, j->number);
  part_is_here(s, j, i);
}

static void take_map(servant *s, job *j, ens_letter *letter) {
  size_t i = (size_t)ens_bundle_take_count(&letter->body);
  int64_t process = (int64_t)ens_bundle_take_count(&letter->body);
  int file = (int)ens_bundle_take_count(&letter->body);
  uint64_t token = ens_bundle_take_count(&letter->body);
  if (ens_shared_open(process, file, token, j->bundle.part[i].size, &j->shared[i])) {
    part_is_here(s, j, i);
    return;
  }
  ens_bundle_clear(&s->paper);
  ens_bundle_put_count(&s->paper, i);
  post(s, ENS_LETTER_MISSING, j->number);
}

/* ---- blocks ---- */

static ens_block *block_of(servant *s, job *j, size_t slot, size_t count) {
  ens_block **block = &j->slot[slot];
  if (*block && (*block)->capacity < count) {
    ens_block_destroy(*block);
    *block = NULL;
  }
  if (!*block) *block = ens_block_create(count, j->model->ndim, j->model->blobs.ncells);
  if (!*block) ens_link_abort(s->link, 1);
  return *block;
}

static void take_work(servant *s, job *j, ens_letter *letter) {
  uint16_t head[2];
  ens_bundle_take(&letter->body, head, sizeof head);
  uint64_t step = ens_bundle_take_count(&letter->body);
  ens_block *block = block_of(s, j, head[0], head[1]);
  block->count = head[1];
  for (size_t i = 0; i < block->count; i++) {
    int32_t steps;
    ens_bundle_take(&letter->body, &steps, sizeof steps);
    block->step[i] = step + (uint64_t)(int64_t)steps;
    ens_bundle_take(&letter->body, &block->walker[i], sizeof block->walker[i]);
    ens_bundle_take(&letter->body, block->theta + i * block->ndim, block->ndim * sizeof(double));
  }
  block->threshold[0] = head[0];
  j->in_flight++;
  j->pool->ops->submit(j->pool, block);
}

static bool any_failed(const ens_block *block) {
  for (size_t i = 0; i < block->count; i++)
    if (block->outcome[i]) return true;
  return false;
}

static void post_result(servant *s, job *j, ens_block *block) {
  bool failed = any_failed(block);
  uint16_t head[] = {(uint16_t)block->threshold[0], (uint16_t)(block->worker | (failed ? 0x8000u : 0))};
  float seconds = (float)block->seconds;
  ens_bundle *paper = &s->paper;
  s->block_seconds += (s->block_seconds > 0 ? 0.05 : 1) * (block->seconds - s->block_seconds);
  ens_bundle_clear(paper);
  ens_bundle_put(paper, head, sizeof head);
  ens_bundle_put(paper, &seconds, sizeof seconds);
  ens_bundle_put(paper, block->log_prob, block->count * sizeof(double));
  ens_bundle_put(paper, block->blobs, block->count * block->ncells * sizeof(double));
  if (failed) ens_bundle_put(paper, block->outcome, block->count);
  for (size_t i = 0; failed && i < block->count; i++)
    if (block->outcome[i]) ens_bundle_put_text(paper, block->message[i]);
  post(s, ENS_LETTER_RESULT, j->number);
  ens_block_clear(block);
}

/* False: nothing was finished. */
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

static void take_recall(servant *s, job *j, ens_letter *letter) {
  (void)letter;
  ens_block *block = j->pool->ops->recall(j->pool);
  uint64_t count = 0;
  for (ens_block *b = block; b; b = b->next) count++;
  ens_bundle_clear(&s->paper);
  ens_bundle_put_count(&s->paper, count);
  for (; block; block = block->next) {
    ens_bundle_put_count(&s->paper, (uint64_t)block->threshold[0]);
    j->in_flight--;
  }
  post(s, ENS_LETTER_RETURNED, j->number);
}

static void take_tell(servant *s, job *j, ens_letter *letter) {
  (void)s, (void)letter;
  atomic_store(&j->tell, true);
}

/* ---- the loop ---- */

static void take_letter(servant *s, ens_letter *letter) {
  static const struct {
    void (*take)(servant *, job *, ens_letter *);
    bool of_job;
  } takes[ENS_NLETTERS] = {
      [ENS_LETTER_JOB] = {take_job, false},      [ENS_LETTER_PIECE] = {take_piece, true},
      [ENS_LETTER_MAP] = {take_map, true},       [ENS_LETTER_WORK] = {take_work, true},
      [ENS_LETTER_RECALL] = {take_recall, true}, [ENS_LETTER_TELL] = {take_tell, true},
      [ENS_LETTER_TEXT] = {take_text, false},    [ENS_LETTER_DROP] = {take_drop, true},
      [ENS_LETTER_QUIT] = {take_quit, false},
  };
  job *j = s->first;
  while (j && j->number != letter->job) j = j->next;
  if (!takes[letter->kind].take || (takes[letter->kind].of_job && !j)) return;
  takes[letter->kind].take(s, j, letter);
}

/* Rank 0 waits for something: for evaluations, or until the model is made, whose parts may be on their way for long. */
static bool has_work(const servant *s) {
  for (const job *j = s->first; j; j = j->next)
    if (j->in_flight || j->building || j->nparts_here < j->bundle.nparts) return true;
  return false;
}

static void beat(servant *s) {
  if (has_work(s) && ens_clock_now() - ens_link_posted(s->link) > beat_seconds)
    ens_link_post(s->link, 0, ENS_LETTER_BEAT, 0, NULL, 0);
}

static void turn(servant *s) {
  ens_letter letter;
  if (getppid() != s->parent) _exit(1);     /* the launcher is gone, and with it whoever could end this job */
  while (ens_link_next(s->link, &letter)) { /* after the last word too: a worker may wait for an answer */
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
    ens_bundle_clear(&s->paper);
    ens_bundle_put_count(&s->paper, (uint64_t)number);
    post(s, ENS_LETTER_SIGNAL, 0);
  }
  beat(s);
}

/* Sleeps where a finished block wakes it. */
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
  snprintf(shared.name, sizeof shared.name, "rank %d (host %s), ", ens_link_rank(s->link), rank.host);
  ens_rank_pack(&rank, s->config->program, &s->paper);
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
  ens_link_post(link, 0, ENS_LETTER_BYE, 0, NULL, 0);
  ens_bundle_free(&s.paper);
  ens_link_close(link);
  return s.status;
}
