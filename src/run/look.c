/* An evaluator that notes its answers takes the place of the workers. The order: evaluate the start and the first
 * steps, repeat, compare, time. */
#include "run/look.h"

#include <malloc.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/start.h"
#include "eval/pool.h"
#include "process/job.h"
#include "process/process.h"
#include "process/signals.h"
#include "run/parts/slow.h"
#include "sys/clock.h"

enum { MOST_POINTS = 2000, MOST_COPIES = 64, MOST_COUNTED = 256, REHEARSED_STEPS = 1000000 };
static const double copied_seconds = 20e-6; /* shorter evaluations are timed several in a row */
static const double rehearsal_seconds = 0.1, costly = 1e-3;
/* Time limits of an evaluation, if the script gives no eval_timeout, and of a setup. */
static const double patience_seconds = 60, setup_seconds = 600;
/* Seconds until a slow evaluation is reported, and between reminders. */
static const double report_seconds = 2, again_seconds = 30;

/* The sampler's evaluator: it evaluates at once and notes the answers. */
typedef struct looker {
  ens_evaluator base;
  const ens_look_subject *subject;
  const ens_look_options *options;
  ens_look *out;
  ens_evaluator *state; /* a pool of one, so that evaluations are watched */
  ens_block *block;     /* for MOST_COPIES items */
  double end;           /* when to stop taking new points */
  size_t least;         /* points to take even after `end` */
  bool rehearsing;      /* answers are not noted */
  atomic_uint lasted;   /* evaluations that were interrupted */
  unsigned expected;    /* `lasted` when all points are taken */
  double next_report;   /* when the watcher reports next; its own */
} looker;

/* ---- on the watcher's thread ---- */

static double limit_of(const looker *self) {
  double timeout = self->subject->eval_timeout;
  return timeout > 0 ? timeout : patience_seconds;
}

static bool on_asked(void *context) {
  looker *self = context;
  double now = ens_clock_now();
  if (ens_signals_stop_wanted()) return true;
  if (now < self->next_report) return false;
  self->next_report = now + again_seconds;
  return true;
}

static __attribute__((noreturn)) void leave(const char *why) {
  ens_process_note("check: %s", why);
  ens_job_abort(1);
}

/* There is nothing to save, so that the process may end if an evaluation does not. */
static void on_slow(void *context, const ens_slow *slow) {
  looker *self = context;
  bool stop = ens_signals_stop_wanted();
  if (slow->what == ENS_SLOW_INTERRUPTED) atomic_fetch_add(&self->lasted, 1);
  ens_slow_note(slow, self->subject->model, slow->what == ENS_SLOW_INTERRUPTED ? "; it is interrupted" : "");
  if (stop) leave("stopped by a signal");
  if (slow->what != ENS_SLOW_STUCK) return;
  leave(slow->setup ? "the setup does not end"
                    : "the evaluation does not end and cannot be interrupted; a run would hang here. If it only takes "
                      "long, eval_timeout in the script gives it the time");
}

static ens_status make_state(looker *self, unsigned number, ens_evaluator **out, ens_error *error) {
  ens_watch watch = {.timeout = limit_of(self),
                     .setup_timeout = setup_seconds,
                     .context = self,
                     .report = on_slow,
                     .asked = on_asked,
                     .first = number};
  return ens_pool_create(self->subject->model, 1, &watch, out, error);
}

/* ---- points ---- */

static bool grow(ens_look *out) {
  if (out->n < out->capacity) return true;
  size_t capacity = out->capacity * 2 + 64;
  ens_look_point *point = realloc(out->point, capacity * sizeof *point);
  if (point) out->point = point;
  double *theta = point ? realloc(out->theta, capacity * out->ndim * sizeof *theta) : NULL;
  if (theta) out->theta = theta;
  double *blobs = theta ? realloc(out->blobs, (capacity * out->ncells + 1) * sizeof *blobs) : NULL;
  if (!blobs) return false;
  out->blobs = blobs;
  out->capacity = capacity;
  return true;
}

/* The message of an interrupted evaluation names eval_timeout, which the script may not have set. */
static void explain_interrupt(looker *self) {
  char *message = self->block->message[0];
  const char *end = message ? strstr(message, "the evaluation was interrupted") : NULL;
  if (!end || self->subject->eval_timeout > 0) return;
  char text[512];
  snprintf(text, sizeof text, "%.*sthe evaluation did not end in %.0f s and was interrupted; a run would wait for it",
           (int)(end - message), message, patience_seconds);
  free(message);
  self->block->message[0] = strdup(text);
}

/* Evaluates the point's position `copies` times in a row, in `state`. The block has the answers; returns the seconds of
 * one evaluation. */
static double evaluate(looker *self, ens_evaluator *state, const ens_look_point *point, const double *theta,
                       size_t copies) {
  ens_block *block = self->block;
  size_t ndim = self->out->ndim;
  ens_block_clear(block);
  for (size_t i = 0; i < copies; i++) {
    block->step[i] = point->step;
    block->walker[i] = point->walker;
    block->outcome[i] = ENS_EVAL_VALUE;
    memcpy(block->theta + i * ndim, theta, ndim * sizeof *theta);
  }
  block->count = copies;
  double begun = ens_clock_now();
  state->ops->evaluate(state, block);
  double seconds = (ens_clock_now() - begun) / (double)copies;
  if (self->lasted) explain_interrupt(self);
  return seconds;
}

static void note_failure(looker *self) {
  ens_look *out = self->out;
  if (self->block->outcome[0] == ENS_EVAL_VALUE || out->message) return;
  const char *message = self->block->message[0] ? self->block->message[0] : "not enough memory";
  out->message = strndup(message, strcspn(message, "\n"));
  out->failed = out->n;
}

/* Evaluates theta and notes the answer as a new point. False: no memory, and nothing is noted. */
static bool take_point(looker *self, uint64_t step, uint32_t walker, const double *theta) {
  ens_look *out = self->out;
  if (!grow(out)) return false;
  ens_look_point *point = &out->point[out->n];
  *point = (ens_look_point){.step = step, .walker = walker};
  memcpy(out->theta + out->n * out->ndim, theta, out->ndim * sizeof *theta);
  point->seconds = evaluate(self, self->state, point, theta, 1);
  point->lasted = self->lasted > 0;
  point->outcome = self->block->outcome[0];
  point->log_prob = self->block->log_prob[0];
  if (out->ncells) memcpy(out->blobs + out->n * out->ncells, self->block->blobs, out->ncells * sizeof(double));
  note_failure(self);
  out->n++;
  return true;
}

static bool is_over(const looker *self) {
  if (ens_signals_stop_wanted() || self->lasted) return true;
  if (self->rehearsing) return ens_clock_now() > self->end;
  return self->out->n >= MOST_POINTS || (self->out->n >= self->least && ens_clock_now() > self->end);
}

/* ---- the sampler's evaluator ---- */

static size_t no_capacity(ens_evaluator *base) {
  (void)base;
  return 0;
}

/* After the end, proposals are rejected without an evaluation: the sampler is about to stop. */
static void answer(looker *self, ens_block *block, size_t i) {
  size_t ncells = self->out->ncells;
  block->log_prob[i] = -INFINITY;
  if (is_over(self) || !take_point(self, block->step[i], block->walker[i], block->theta + i * block->ndim)) return;
  const ens_look_point *point = &self->out->point[self->out->n - 1];
  if (point->outcome == ENS_EVAL_VALUE) block->log_prob[i] = point->log_prob;
  if (ncells)
    memcpy(block->blobs + i * ncells, self->out->blobs + (self->out->n - 1) * ncells, ncells * sizeof(double));
}

static void evaluate_block(ens_evaluator *base, ens_block *block) {
  looker *self = (looker *)base;
  if (self->rehearsing) {
    self->state->ops->evaluate(self->state, block);
    return;
  }
  memset(block->blobs, 0, block->count * self->out->ncells * sizeof *block->blobs);
  for (size_t i = 0; i < block->count; i++) answer(self, block, i);
}

static bool poll(void *context) {
  return is_over(context);
}

static ens_status make_sampler(looker *self, ens_sampler **out, ens_error *error) {
  ens_sampler_config sampling = self->subject->sampling;
  sampling.tune = 0;
  sampling.on_error = sampling.on_nan = ENS_POLICY_REJECT;
  sampling.max_errors = UINT64_MAX;
  sampling.context = self;
  sampling.poll = poll;
  sampling.rejected = NULL;
  return ens_sampler_create(&sampling, self->subject->model, &self->base, out, error);
}

/* ---- the start and the first steps ---- */

typedef struct positions {
  double *coords, *log_prob, *blobs;
} positions;

static void free_positions(positions *p) {
  free(p->coords);
  free(p->log_prob);
  free(p->blobs);
}

static ens_status draw_start(looker *self, positions *p, ens_error *error) {
  size_t n = self->subject->start.nwalkers, ndim = self->out->ndim;
  *p = (positions){malloc(n * ndim * sizeof(double)), malloc(n * sizeof(double)),
                   calloc(n * self->out->ncells + 1, sizeof(double))};
  if (!p->coords || !p->log_prob || !p->blobs) return ens_error_memory(error);
  ens_run_start_draw(&self->subject->start, p->coords);
  return ens_start_check(p->coords, n, ndim, self->subject->model->parameters, error);
}

/* The model is not evaluated outside its domain. */
static bool take_start(looker *self, positions *p, size_t k) {
  ens_look *out = self->out;
  const ens_domain *domain = self->subject->model->domain;
  if (domain && !ens_domain_holds(domain, p->coords + k * out->ndim)) return true;
  if (!take_point(self, 0, (uint32_t)k, p->coords + k * out->ndim)) return false;
  const ens_look_point *point = &out->point[out->n - 1];
  size_t cells = out->ncells;
  if (point->outcome == ENS_EVAL_VALUE) p->log_prob[k] = point->log_prob;
  if (cells) memcpy(p->blobs + k * cells, out->blobs + (out->n - 1) * cells, cells * sizeof(double));
  return true;
}

/* Spends half of the time, and at most half of the points, on the start. As in a run, a random start is redrawn if the
 * model rejects it. Walkers that the time does not suffice for stay at -inf, so that they accept any proposal. */
static ens_status look_at_start(looker *self, positions *p, ens_error *error) {
  size_t n = self->subject->start.nwalkers, ndim = self->out->ndim;
  for (size_t k = 0; k < n; k++) p->log_prob[k] = -INFINITY;
  for (uint64_t attempt = 0; attempt <= ENS_RUN_START_ATTEMPTS; attempt++)
    for (size_t k = 0; k < n && !is_over(self); k++) {
      if (p->log_prob[k] != -INFINITY) continue;
      if (attempt && (self->subject->start.from->positions || self->out->n >= MOST_POINTS / 2)) break;
      if (attempt) ens_run_start_draw_walker(&self->subject->start, attempt, k, p->coords + k * ndim);
      if (!take_start(self, p, k)) return ens_error_memory(error);
    }
  self->out->nstart = self->out->n;
  return self->out->n ? ENS_OK : ens_error_set(error, ENS_CONFIG, "start: all walkers are outside the model's bounds");
}

/* Measures the run's loop on one thread, moves included: with a cheap model, they take much of the time. */
static ens_status rehearse(looker *self, ens_sampler *sampler, ens_error *error) {
  double begun = ens_clock_now();
  uint64_t before = ens_sampler_count(sampler).evaluations;
  self->rehearsing = true;
  self->end = begun + rehearsal_seconds;
  ens_status status = ens_sampler_advance(sampler, REHEARSED_STEPS, REHEARSED_STEPS, error);
  self->rehearsing = false;
  uint64_t n = ens_sampler_count(sampler).evaluations - before;
  if (n) self->out->loop_seconds = (ens_clock_now() - begun) / (double)n;
  return status < 0 ? status : ENS_OK;
}

static double mean_seconds(const ens_look *out) {
  double sum = 0;
  for (size_t i = 0; i < out->n; i++) sum += out->point[i].seconds;
  return sum / (double)out->n;
}

/* Whether point i is the first of its update. The points are in the order of steps. */
static bool begins_update(const ens_look *out, size_t i) {
  for (size_t j = i; j-- > out->nstart && out->point[j].step == out->point[i].step;)
    if (out->point[j].walker == out->point[i].walker) return false;
  return true;
}

static double evaluations_per_update(const ens_look *out) {
  size_t updates = 0;
  for (size_t i = out->nstart; i < out->n; i++) updates += begins_update(out, i);
  return updates ? (double)(out->n - out->nstart) / (double)updates : 0;
}

static ens_status take_steps(looker *self, const positions *start, ens_error *error) {
  ens_sampler *sampler = NULL;
  ens_status status = make_sampler(self, &sampler, error);
  if (status) return status;
  ens_sampler_restore(sampler, 0, start->coords, start->log_prob, start->blobs);
  self->least = self->out->n + 1;
  self->end += self->options->seconds / 2;
  status = ens_sampler_advance(sampler, MOST_POINTS, MOST_POINTS, error);
  self->out->evaluations_per_update = evaluations_per_update(self->out);
  if (status >= 0 && mean_seconds(self->out) < costly) status = rehearse(self, sampler, error);
  ens_sampler_destroy(sampler);
  return status < 0 ? status : ENS_OK;
}

static ens_status take_points(looker *self, ens_error *error) {
  positions start;
  ens_status status = draw_start(self, &start, error);
  self->least = 1;
  self->end = ens_clock_now() + self->options->seconds / 2;
  if (!status) status = look_at_start(self, &start, error);
  if (!status) status = take_steps(self, &start, error);
  free_positions(&start);
  return status;
}

/* ---- repeating ---- */

static bool is_same(const looker *self, const ens_look_point *point, const double *blobs, size_t i) {
  const ens_block *block = self->block;
  if (block->outcome[i] != point->outcome) return false;
  if (point->outcome != ENS_EVAL_VALUE) return true;
  size_t size = self->out->ncells * sizeof *blobs;
  return memcmp(&block->log_prob[i], &point->log_prob, sizeof point->log_prob) == 0 &&
         (size == 0 || memcmp(block->blobs + i * self->out->ncells, blobs, size) == 0);
}

/* Evaluates point i again in `state`, `copies` times. False: a copy has another answer; the first of these is noted.
 * Evaluations that were interrupted are not repeated. */
static bool repeat(looker *self, ens_evaluator *state, size_t i, size_t copies, double *seconds) {
  ens_look *out = self->out;
  ens_look_point *point = &out->point[i];
  if (point->lasted || self->lasted > self->expected) return true;
  double once = evaluate(self, state, point, out->theta + i * out->ndim, copies);
  if (seconds && once < *seconds) *seconds = once;
  for (size_t c = 0; c < copies; c++) {
    if (is_same(self, point, out->blobs + i * out->ncells, c)) continue;
    if (out->differs) return false;
    out->differs = true;
    out->different = i;
    out->other = self->block->outcome[c] == ENS_EVAL_VALUE ? self->block->log_prob[c] : NAN;
    out->in_blobs = self->block->outcome[c] == point->outcome && out->other == point->log_prob;
    return false;
  }
  return true;
}

/* Repeats all points. The shortest time counts, since a busy machine may suspend the thread at any moment. */
static bool repeat_calls(looker *self) {
  ens_look *out = self->out;
  double mean = mean_seconds(out);
  size_t copies = mean > copied_seconds ? 1 : mean > 0 ? (size_t)(copied_seconds / mean) : MOST_COPIES;
  if (copies > MOST_COPIES) copies = MOST_COPIES;
  bool same = true;
  for (size_t i = 0; i < out->n && !ens_signals_stop_wanted(); i++)
    same = repeat(self, self->state, i, copies, &out->point[i].seconds) && same;
  return same;
}

size_t ens_look_heap_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static ens_status make_first(looker *self, ens_error *error) {
  size_t before = ens_look_heap_bytes(), after;
  double begun = ens_clock_now();
  ens_status status = make_state(self, 0, &self->state, error);
  self->out->state_seconds = ens_clock_now() - begun;
  after = ens_look_heap_bytes();
  self->out->state_bytes = after > before ? after - before : 0;
  return status;
}

/* Repeats all points in a new instance, in the same or the opposite order. */
static ens_status repeat_elsewhere(looker *self, bool backwards, bool *same, ens_error *error) {
  ens_evaluator *other;
  ens_status status = make_state(self, 1, &other, error);
  if (status) return status;
  size_t n = self->out->n;
  *same = true;
  for (size_t i = 0; i < n && !ens_signals_stop_wanted(); i++)
    *same = repeat(self, other, backwards ? n - 1 - i : i, 1, NULL) && *same;
  other->ops->destroy(other);
  return ENS_OK;
}

/* If a third instance with the history of the first gives the same answers, a difference comes from the history. */
static ens_status compare(looker *self, ens_error *error) {
  bool calls = repeat_calls(self), states = true, histories = true;
  ens_status status = repeat_elsewhere(self, true, &states, error);
  if (!status && !(calls && states)) status = repeat_elsewhere(self, false, &histories, error);
  ens_look *out = self->out;
  out->calls_agree = calls;
  out->states_agree = states;
  out->same = calls && states ? ENS_LOOK_SAME : histories ? ENS_LOOK_HISTORY : calls ? ENS_LOOK_STATE : ENS_LOOK_CHANCE;
  return status;
}

static void count_bytes(looker *self) {
  const ens_look_hooks *hooks = self->options->hooks;
  ens_look *out = self->out;
  if (!hooks || out->n == 0 || self->lasted) return;
  double end = ens_clock_now() + self->options->seconds / 4;
  size_t n = 0;
  void *instance = ens_pool_instance(self->state);
  hooks->count_bytes(hooks->context, instance, 0);
  while (n == 0 || (n < out->n && n < MOST_COUNTED && ens_clock_now() < end && !ens_signals_stop_wanted())) {
    evaluate(self, self->state, &out->point[n], out->theta + n * out->ndim, 1);
    n++;
  }
  hooks->count_bytes(hooks->context, instance, n);
}

/* ---- the whole look ---- */

static ens_status look(looker *self, ens_error *error) {
  const ens_look_hooks *hooks = self->options->hooks;
  ens_status status = make_first(self, error);
  if (!status) status = take_points(self, error);
  self->expected = self->lasted;
  if (!status) status = compare(self, error);
  if (!status) count_bytes(self);
  if (!status && hooks) hooks->end(hooks->context, ens_pool_instance(self->state));
  if (!status && ens_signals_stop_wanted()) status = ENS_STOPPED;
  return status;
}

ens_status ens_look_take(const ens_look_subject *subject, const ens_look_options *options, ens_look *out,
                         ens_error *error) {
  static const ens_evaluator_ops ops = {.capacity = no_capacity, .evaluate = evaluate_block};
  size_t ncells = subject->model->blobs.ncells;
  *out = (ens_look){.ndim = subject->model->ndim, .ncells = ncells};
  looker self = {.base = {&ops}, .subject = subject, .options = options, .out = out};
  self.next_report = ens_clock_now() + report_seconds;
  self.block = ens_block_create(MOST_COPIES, subject->model->ndim, ncells);
  ens_status status = self.block ? look(&self, error) : ens_error_memory(error);
  if (self.state) self.state->ops->destroy(self.state);
  ens_block_destroy(self.block);
  if (status) ens_look_free(out);
  return status;
}

void ens_look_free(ens_look *look) {
  free(look->point);
  free(look->theta);
  free(look->blobs);
  free(look->message);
  *look = (ens_look){0};
}
