/* How a model comes to the ranks. What is small goes to each; a part of it, an array, goes to each host once: to the
 * lowest rank there, which makes memory that the others map. What lies in such memory already is only mapped. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/shared.h"
#include "eval/ranks/cluster_parts.h"

static const size_t piece_bytes = (size_t)1 << 20;
enum { MOST_PENDING = 4 }; /* pieces that are not sent yet */

static void post(ens_cluster *cluster, int to, ens_letter_kind kind) {
  if (cluster->paper.failed) ens_link_abort(cluster->ranks->link, 1);
  ens_link_post(cluster->ranks->link, to, kind, cluster->correspondent.job, cluster->paper.bytes, cluster->paper.size);
}

/* ---- the job ---- */

static void write_job(ens_cluster *cluster, size_t nworkers) {
  const ens_bundle *bundle = &cluster->bundle;
  ens_bundle *paper = &cluster->paper;
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, nworkers);
  ens_bundle_put_count(paper, cluster->model->seed);
  ens_bundle_put_double(paper, cluster->config.watch.timeout);
  ens_bundle_put_count(paper, bundle->nparts);
  for (size_t i = 0; i < bundle->nparts; i++) ens_bundle_put_count(paper, bundle->part[i].size);
  ens_bundle_put_count(paper, bundle->size);
  ens_bundle_put(paper, bundle->bytes, bundle->size);
}

static void post_map(ens_cluster *cluster, int to, size_t part, int64_t process, int file, uint64_t token) {
  ens_bundle *paper = &cluster->paper;
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, part);
  ens_bundle_put_count(paper, (uint64_t)process);
  ens_bundle_put_count(paper, (uint64_t)file);
  ens_bundle_put_count(paper, token);
  post(cluster, to, ENS_LETTER_MAP);
  cluster->target[to].shipment[part].state = ENS_SHIP_DONE;
}

/* Whether this is the rank of its host that gets parts for all. Rank 0's own host has what rank 0 can share. */
static bool is_first_of_host(const ens_ranks *ranks, int r) {
  int node = ranks->rank[r].node;
  if (node) return node == r;
  for (int k = 1; k < r; k++)
    if (ranks->rank[k].node == 0) return false;
  return true;
}

static void ship_part(ens_cluster *cluster, size_t part) {
  const ens_ranks *ranks = cluster->ranks;
  int file = cluster->bundle.part[part].file;
  uint64_t token = file >= 0 ? ens_shared_token(file) : 0;
  for (int r = 1; r < ranks->size; r++) {
    if (ranks->rank[r].node == 0 && token)
      post_map(cluster, r, part, getpid(), file, token);
    else if (is_first_of_host(ranks, r))
      cluster->target[r].shipment[part].state = ENS_SHIP_GOES;
  }
}

ens_status ens_cluster_ship(ens_cluster *cluster, ens_error *error) {
  ens_bundle *bundle = &cluster->bundle;
  ens_model *model = cluster->model;
  if (!model->ops->pack)
    return ens_error_set(error, ENS_CONFIG, "%s: a model of this kind cannot be sent to other ranks", model->name);
  ens_status status = model->ops->pack(model, bundle, error);
  if (status) return status;
  if (bundle->failed) return ens_error_memory(error);
  for (int r = 1; r < cluster->ranks->size; r++) {
    ens_target *target = &cluster->target[r];
    target->shipment = calloc(bundle->nparts + 1, sizeof *target->shipment);
    if (!target->shipment) return ens_error_memory(error);
    write_job(cluster, target->nworkers);
    post(cluster, r, ENS_LETTER_JOB);
  }
  for (size_t i = 0; i < bundle->nparts; i++) ship_part(cluster, i);
  return ENS_OK;
}

/* ---- pieces ---- */

static void post_piece(ens_cluster *cluster, int to, size_t part) {
  ens_shipment *shipment = &cluster->target[to].shipment[part];
  const ens_bundle_part *from = &cluster->bundle.part[part];
  size_t left = from->size - shipment->at, size = left < piece_bytes ? left : piece_bytes;
  ens_bundle *paper = &cluster->paper;
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, part);
  ens_bundle_put_count(paper, shipment->at);
  ens_bundle_put(paper, (const char *)from->memory + shipment->at, size);
  post(cluster, to, ENS_LETTER_PIECE);
  shipment->at += size;
  if (shipment->at == from->size) shipment->state = ENS_SHIP_DONE;
}

void ens_cluster_ship_more(ens_cluster *cluster) {
  for (int r = 1; r < cluster->ranks->size; r++)
    for (size_t i = 0; i < cluster->bundle.nparts; i++)
      while (cluster->target[r].shipment[i].state == ENS_SHIP_GOES) {
        if (ens_link_pending(cluster->ranks->link) >= MOST_PENDING) return;
        post_piece(cluster, r, i);
      }
}

/* ---- answers ---- */

/* The first rank of a host has a part: the others of the host map it, or get their own where it cannot be shared. */
static void take_mapped(ens_cluster *cluster, ens_letter *letter) {
  size_t part = (size_t)ens_bundle_take_count(&letter->body);
  int64_t process = (int64_t)ens_bundle_take_count(&letter->body);
  int file = (int)ens_bundle_take_count(&letter->body);
  uint64_t token = ens_bundle_take_count(&letter->body);
  const ens_rank *rank = cluster->ranks->rank;
  if (part >= cluster->bundle.nparts) return;
  for (int r = 1; r < cluster->ranks->size; r++) {
    ens_shipment *shipment = &cluster->target[r].shipment[part];
    if (rank[r].node != rank[letter->from].node || shipment->state != ENS_SHIP_WAITS) continue;
    if (token)
      post_map(cluster, r, part, process, file, token);
    else
      shipment->state = ENS_SHIP_GOES;
  }
}

static void take_missing(ens_cluster *cluster, ens_letter *letter) {
  size_t part = (size_t)ens_bundle_take_count(&letter->body);
  if (part < cluster->bundle.nparts) cluster->target[letter->from].shipment[part] = (ens_shipment){ENS_SHIP_GOES, 0};
}

static void take_ready(ens_cluster *cluster, ens_letter *letter) {
  ens_target *target = &cluster->target[letter->from];
  ens_status status = (ens_status)(int64_t)ens_bundle_take_count(&letter->body);
  char *text = ens_bundle_take_text(&letter->body);
  target->ready = true;
  if (status) ens_error_set(&target->error, status, "%s", text ? text : "");
  free(text);
}

bool ens_cluster_take_job_letter(ens_cluster *cluster, ens_letter *letter) {
  static void (*const takes[ENS_NLETTERS])(ens_cluster *, ens_letter *) = {
      [ENS_LETTER_MAPPED] = take_mapped, [ENS_LETTER_MISSING] = take_missing, [ENS_LETTER_READY] = take_ready};
  if (!takes[letter->kind]) return false;
  takes[letter->kind](cluster, letter);
  return true;
}
