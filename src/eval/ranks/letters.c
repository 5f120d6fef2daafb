/* For each letter its put and its take side by side, then the dispatch by a table of handlers. */
#include "eval/ranks/letters.h"

#include <stdlib.h>

bool ens_letter_dispatch(ens_letter_handler *const handlers[ENS_LETTER_KINDS], void *receiver, ens_letter *letter) {
  if (!handlers[letter->kind]) return false;
  handlers[letter->kind](receiver, letter);
  return true;
}

static void put_status(ens_bundle *paper, ens_status status) {
  ens_bundle_put_count(paper, (uint64_t)(int64_t)status);
}

static ens_status take_status(ens_bundle *body) {
  return (ens_status)(int64_t)ens_bundle_take_count(body);
}

/* ---- the model ---- */

void ens_letter_put_job(ens_bundle *paper, const ens_letter_job *job) {
  const ens_bundle *model = job->model;
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, job->nworkers);
  ens_bundle_put_count(paper, job->seed);
  ens_bundle_put_double(paper, job->timeout);
  ens_bundle_put_count(paper, model->nparts);
  for (size_t i = 0; i < model->nparts; i++) ens_bundle_put_count(paper, model->part[i].size);
  ens_bundle_put_count(paper, model->size);
  ens_bundle_put(paper, model->bytes, model->size);
}

void ens_letter_take_job(ens_bundle *body, ens_letter_job *job, ens_bundle *model) {
  job->nworkers = (size_t)ens_bundle_take_count(body);
  job->seed = ens_bundle_take_count(body);
  job->timeout = ens_bundle_take_double(body);
  job->model = model;
  for (size_t nparts = (size_t)ens_bundle_take_count(body); nparts; nparts--) {
    ens_bundle_part part = {.size = (size_t)ens_bundle_take_count(body), .file = -1};
    ens_bundle_put_part(model, &part);
  }
  size_t size = (size_t)ens_bundle_take_count(body);
  ens_bundle_put(model, ens_bundle_take_bytes(body, size), size);
}

void ens_letter_put_piece(ens_bundle *paper, const ens_letter_piece *piece) {
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, piece->part);
  ens_bundle_put_count(paper, piece->at);
  ens_bundle_put(paper, piece->bytes, piece->size);
}

ens_letter_piece ens_letter_take_piece(ens_bundle *body) {
  ens_letter_piece piece = {.part = (size_t)ens_bundle_take_count(body)};
  piece.at = (size_t)ens_bundle_take_count(body);
  piece.size = body->size - body->at;
  piece.bytes = ens_bundle_take_bytes(body, piece.size);
  return piece;
}

void ens_letter_put_map(ens_bundle *paper, const ens_letter_map *map) {
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, map->part);
  ens_bundle_put_count(paper, (uint64_t)map->process);
  ens_bundle_put_count(paper, (uint64_t)map->file);
  ens_bundle_put_count(paper, map->token);
}

ens_letter_map ens_letter_take_map(ens_bundle *body) {
  ens_letter_map map = {.part = (size_t)ens_bundle_take_count(body)};
  map.process = (int64_t)ens_bundle_take_count(body);
  map.file = (int)ens_bundle_take_count(body);
  map.token = ens_bundle_take_count(body);
  return map;
}

void ens_letter_put_ready(ens_bundle *paper, ens_status status, const char *text) {
  ens_bundle_clear(paper);
  put_status(paper, status);
  ens_bundle_put_text(paper, text);
}

char *ens_letter_take_ready(ens_bundle *body, ens_status *status) {
  *status = take_status(body);
  return ens_bundle_take_text(body);
}

/* ---- numbers ---- */

void ens_letter_put_number(ens_bundle *paper, int64_t number) {
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, (uint64_t)number);
}

int64_t ens_letter_take_number(ens_bundle *body) {
  return (int64_t)ens_bundle_take_count(body);
}

/* ---- blocks ---- */

/* The items' steps are sent as differences from the first item's step. */
void ens_letter_put_work(ens_bundle *paper, size_t slot, const ens_block *block) {
  const uint16_t head[] = {(uint16_t)slot, (uint16_t)block->count};
  ens_bundle_clear(paper);
  ens_bundle_put(paper, head, sizeof head);
  ens_bundle_put_count(paper, block->step[0]);
  for (size_t i = 0; i < block->count; i++) {
    int32_t steps = (int32_t)(int64_t)(block->step[i] - block->step[0]);
    ens_bundle_put(paper, &steps, sizeof steps);
    ens_bundle_put(paper, &block->walker[i], sizeof block->walker[i]);
    ens_bundle_put(paper, block->theta + i * block->ndim, block->ndim * sizeof(double));
  }
}

ens_letter_work ens_letter_take_work(ens_bundle *body) {
  uint16_t head[2];
  ens_bundle_take(body, head, sizeof head);
  return (ens_letter_work){.slot = head[0], .count = head[1]};
}

void ens_letter_take_proposals(ens_bundle *body, const ens_letter_work *work, ens_block *block) {
  uint64_t step = ens_bundle_take_count(body);
  block->count = work->count;
  for (size_t i = 0; i < block->count; i++) {
    int32_t steps;
    ens_bundle_take(body, &steps, sizeof steps);
    block->step[i] = step + (uint64_t)(int64_t)steps;
    ens_bundle_take(body, &block->walker[i], sizeof block->walker[i]);
    ens_bundle_take(body, block->theta + i * block->ndim, block->ndim * sizeof(double));
  }
}

/* The highest bit of the worker's number says that some evaluations failed. */
enum { RESULT_FAILED = 0x8000 };

static bool any_failed(const ens_block *block) {
  for (size_t i = 0; i < block->count; i++)
    if (block->outcome[i]) return true;
  return false;
}

void ens_letter_put_result(ens_bundle *paper, size_t slot, const ens_block *block) {
  bool failed = any_failed(block);
  const uint16_t head[] = {(uint16_t)slot, (uint16_t)(block->worker | (failed ? RESULT_FAILED : 0u))};
  float seconds = (float)block->seconds;
  ens_bundle_clear(paper);
  ens_bundle_put(paper, head, sizeof head);
  ens_bundle_put(paper, &seconds, sizeof seconds);
  ens_bundle_put(paper, block->log_prob, block->count * sizeof(double));
  ens_bundle_put(paper, block->blobs, block->count * block->ncells * sizeof(double));
  if (!failed) return;
  ens_bundle_put(paper, block->outcome, block->count);
  for (size_t i = 0; i < block->count; i++)
    if (block->outcome[i]) ens_bundle_put_text(paper, block->message[i]);
}

ens_letter_result ens_letter_take_result(ens_bundle *body) {
  uint16_t head[2];
  float seconds;
  ens_bundle_take(body, head, sizeof head);
  ens_bundle_take(body, &seconds, sizeof seconds);
  return (ens_letter_result){.slot = head[0],
                             .worker = head[1] & (RESULT_FAILED - 1u),
                             .seconds = (double)seconds,
                             .failed = head[1] & RESULT_FAILED};
}

void ens_letter_take_values(ens_bundle *body, const ens_letter_result *result, ens_block *block) {
  block->seconds = result->seconds;
  block->worker = result->worker;
  ens_bundle_take(body, block->log_prob, block->count * sizeof(double));
  ens_bundle_take(body, block->blobs, block->count * block->ncells * sizeof(double));
  if (!result->failed) return;
  ens_bundle_take(body, block->outcome, block->count);
  for (size_t i = 0; i < block->count; i++)
    if (block->outcome[i]) block->message[i] = ens_bundle_take_text(body);
}

void ens_letter_add_slot(ens_bundle *paper, size_t slot) {
  ens_bundle_put_count(paper, slot);
}

bool ens_letter_take_slot(ens_bundle *body, size_t *slot) {
  if (body->failed || body->at >= body->size) return false;
  *slot = (size_t)ens_bundle_take_count(body);
  return true;
}

/* ---- slow evaluations ---- */

void ens_letter_put_slow(ens_bundle *paper, const ens_slow *slow, size_t ndim) {
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, slow->worker);
  ens_bundle_put_count(paper, slow->setup);
  ens_bundle_put_count(paper, slow->what);
  ens_bundle_put_double(paper, slow->seconds);
  ens_bundle_put_double(paper, slow->usual);
  if (slow->setup) return;
  ens_bundle_put_count(paper, slow->step);
  ens_bundle_put_count(paper, slow->walker);
  ens_bundle_put(paper, slow->theta, ndim * sizeof(double));
}

bool ens_letter_take_slow(ens_bundle *body, ens_slow *slow, double *theta, size_t ndim) {
  *slow = (ens_slow){.worker = (unsigned)ens_bundle_take_count(body)};
  slow->setup = ens_bundle_take_count(body) != 0;
  slow->what = (ens_slow_what)ens_bundle_take_count(body);
  slow->seconds = ens_bundle_take_double(body);
  slow->usual = ens_bundle_take_double(body);
  if (slow->setup) return !body->failed;
  slow->step = ens_bundle_take_count(body);
  slow->walker = (uint32_t)ens_bundle_take_count(body);
  slow->theta = theta;
  ens_bundle_take(body, theta, ndim * sizeof(double)); /* copied, because it is not aligned in the letter */
  return !body->failed;
}

/* ---- introductions ---- */

void ens_letter_put_hello(ens_bundle *paper, const ens_rank *rank, const char *program) {
  ens_bundle_clear(paper);
  ens_bundle_put_text(paper, program);
  ens_bundle_put(paper, rank, sizeof *rank);
}

char *ens_letter_take_hello(ens_bundle *body, ens_rank *rank) {
  char *program = ens_bundle_take_text(body);
  ens_bundle_take(body, rank, sizeof *rank);
  return program;
}

/* ---- texts of files ---- */

void ens_letter_put_ask(ens_bundle *paper, uint64_t question, const char *path) {
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, question);
  ens_bundle_put_text(paper, path);
}

char *ens_letter_take_ask(ens_bundle *body, uint64_t *question) {
  *question = ens_bundle_take_count(body);
  return ens_bundle_take_text(body);
}

void ens_letter_put_text(ens_bundle *paper, const ens_letter_text *text) {
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, text->question);
  put_status(paper, text->status);
  ens_bundle_put_count(paper, (uint64_t)text->number);
  ens_bundle_put_count(paper, text->text ? text->size : UINT64_MAX);
  if (text->text) ens_bundle_put(paper, text->text, text->size);
}

uint64_t ens_letter_take_question(ens_bundle *body) {
  return ens_bundle_take_count(body);
}

void ens_letter_take_text(ens_bundle *body, ens_letter_text *text) {
  text->status = take_status(body);
  text->number = (int)ens_bundle_take_count(body);
  uint64_t size = ens_bundle_take_count(body);
  if (text->status || size == UINT64_MAX) return;
  text->size = (size_t)size;
  text->text = malloc(text->size + 1);
  if (!text->text) {
    text->status = ENS_MEMORY;
    return;
  }
  ens_bundle_take(body, text->text, text->size);
  text->text[text->size] = '\0';
}
