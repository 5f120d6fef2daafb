/* A model on its way to the ranks. The packed model itself goes to every rank. Its parts, which are large arrays, go to
 * each host once: to the lowest rank there, which puts them into memory that the other ranks of the host map. A part
 * that lies in such memory already is only mapped. Nothing here waits. */
#ifndef ENS_EVAL_RANKS_SHIPMENT_H
#define ENS_EVAL_RANKS_SHIPMENT_H

#include "core/model/evaluator.h"
#include "eval/ranks/ranks.h"

/* A part on its way to one rank. */
typedef struct ens_shipment_parcel {
  enum { ENS_SHIPMENT_WAITS, ENS_SHIPMENT_GOES, ENS_SHIPMENT_DONE } state;
  size_t at; /* bytes sent */
} ens_shipment_parcel;

typedef struct ens_shipment {
  ens_ranks *ranks; /* borrowed */
  unsigned job;
  ens_bundle model;            /* the packed model, with its parts */
  ens_bundle paper;            /* for the letter that is being written */
  ens_shipment_parcel *parcel; /* [ranks->size][model.nparts] */
} ens_shipment;

/* Packs the model. Begins as {0}; free it also after an error. */
ens_status ens_shipment_pack(ens_shipment *shipment, ens_ranks *ranks, unsigned job, const ens_model *model,
                             ens_error *error);
void ens_shipment_free(ens_shipment *shipment);

/* Announces the job to a rank. `letter` needs no model. */
void ens_shipment_announce(ens_shipment *shipment, int to, const ens_letter_job *letter);
/* Begins to send the parts; call it when every rank knows of the job. */
void ens_shipment_begin(ens_shipment *shipment);
/* Sends some more pieces; call it until all ranks are ready. */
void ens_shipment_continue(ens_shipment *shipment);

/* Handle ENS_LETTER_MAPPED and ENS_LETTER_MISSING. */
void ens_shipment_take_mapped(ens_shipment *shipment, ens_letter *letter);
void ens_shipment_take_missing(ens_shipment *shipment, ens_letter *letter);

#endif
