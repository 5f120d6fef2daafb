/* Steps of a state machine, one for each letter: announce, ask which parts are missing, send these piece by piece,
 * map them elsewhere. */
#include "eval/ranks/shipment.h"

#include <stdlib.h>
#include <unistd.h>

#include "data/shared.h"

static const size_t piece_bytes = (size_t)1 << 20;
enum { MOST_PENDING = 4 }; /* letters that may wait to be sent before another piece is posted */

static ens_shipment_parcel *parcel_of(ens_shipment *shipment, int rank, size_t part) {
  return &shipment->parcel[(size_t)rank * shipment->model.nparts + part];
}

static void post(ens_shipment *shipment, int to, ens_letter_kind kind) {
  ens_link_post(shipment->ranks->link, to, kind, shipment->job, &shipment->paper);
}

/* ---- the job ---- */

ens_status ens_shipment_pack(ens_shipment *shipment, ens_ranks *ranks, unsigned job, const ens_model *model,
                             ens_error *error) {
  shipment->ranks = ranks;
  shipment->job = job;
  if (!model->ops->pack)
    return ens_error_set(error, ENS_CONFIG, "%s: a model of this kind cannot be sent to other ranks", model->name);
  ens_status status = model->ops->pack(model, &shipment->model, error);
  if (status) return status;
  shipment->parcel = calloc((size_t)ranks->size * shipment->model.nparts + 1, sizeof *shipment->parcel);
  return shipment->model.failed || !shipment->parcel ? ens_error_memory(error) : ENS_OK;
}

void ens_shipment_free(ens_shipment *shipment) {
  ens_bundle_free(&shipment->model);
  ens_bundle_free(&shipment->paper);
  free(shipment->parcel);
}

void ens_shipment_announce(ens_shipment *shipment, int to, const ens_letter_job *letter) {
  ens_letter_job job = *letter;
  job.model = &shipment->model;
  ens_letter_put_job(&shipment->paper, &job);
  post(shipment, to, ENS_LETTER_JOB);
}

/* ---- parts ---- */

static void post_map(ens_shipment *shipment, int to, const ens_letter_map *map) {
  ens_letter_put_map(&shipment->paper, map);
  post(shipment, to, ENS_LETTER_MAP);
  parcel_of(shipment, to, map->part)->state = ENS_SHIPMENT_DONE;
}

/* Whether the rank gets the parts for all ranks of its host. On rank 0's own host this is the lowest rank but 0; it
 * needs only those parts that rank 0 cannot share. */
static bool is_first_of_host(const ens_ranks *ranks, int r) {
  int node = ranks->rank[r].node;
  if (node) return node == r;
  for (int k = 1; k < r; k++)
    if (ranks->rank[k].node == 0) return false;
  return true;
}

static void begin_part(ens_shipment *shipment, size_t part) {
  const ens_ranks *ranks = shipment->ranks;
  int file = shipment->model.part[part].file;
  ens_letter_map map = {part, getpid(), file, file >= 0 ? ens_shared_token(file) : 0};
  for (int r = 1; r < ranks->size; r++) {
    if (ranks->rank[r].node == 0 && map.token)
      post_map(shipment, r, &map);
    else if (is_first_of_host(ranks, r))
      parcel_of(shipment, r, part)->state = ENS_SHIPMENT_GOES;
  }
}

void ens_shipment_begin(ens_shipment *shipment) {
  for (size_t i = 0; i < shipment->model.nparts; i++) begin_part(shipment, i);
}

static void post_piece(ens_shipment *shipment, int to, size_t part) {
  ens_shipment_parcel *parcel = parcel_of(shipment, to, part);
  const ens_bundle_part *from = &shipment->model.part[part];
  size_t left = from->size - parcel->at, size = left < piece_bytes ? left : piece_bytes;
  ens_letter_piece piece = {part, parcel->at, size, (const char *)from->memory + parcel->at};
  ens_letter_put_piece(&shipment->paper, &piece);
  post(shipment, to, ENS_LETTER_PIECE);
  parcel->at += size;
  if (parcel->at == from->size) parcel->state = ENS_SHIPMENT_DONE;
}

void ens_shipment_continue(ens_shipment *shipment) {
  for (int r = 1; r < shipment->ranks->size; r++)
    for (size_t i = 0; i < shipment->model.nparts; i++)
      while (parcel_of(shipment, r, i)->state == ENS_SHIPMENT_GOES) {
        if (ens_link_pending(shipment->ranks->link) >= MOST_PENDING) return;
        post_piece(shipment, r, i);
      }
}

/* ---- answers ---- */

/* The first rank of a host has the part. The other ranks of the host map it, or get the bytes if it cannot be shared.
 */
void ens_shipment_take_mapped(ens_shipment *shipment, ens_letter *letter) {
  ens_letter_map map = ens_letter_take_map(&letter->body);
  const ens_rank *rank = shipment->ranks->rank;
  if (map.part >= shipment->model.nparts) return;
  for (int r = 1; r < shipment->ranks->size; r++) {
    ens_shipment_parcel *parcel = parcel_of(shipment, r, map.part);
    if (rank[r].node != rank[letter->from].node || parcel->state != ENS_SHIPMENT_WAITS) continue;
    if (map.token)
      post_map(shipment, r, &map);
    else
      parcel->state = ENS_SHIPMENT_GOES;
  }
}

void ens_shipment_take_missing(ens_shipment *shipment, ens_letter *letter) {
  size_t part = (size_t)ens_letter_take_number(&letter->body);
  if (part < shipment->model.nparts)
    *parcel_of(shipment, letter->from, part) = (ens_shipment_parcel){ENS_SHIPMENT_GOES, 0};
}
