/* What identifies a run in its store: the record's texts `moves` and `extra` are written and read here only. */
#ifndef ENS_RUN_IDENTITY_H
#define ENS_RUN_IDENTITY_H

#include "core/model/domain.h"
#include "core/model/evaluator.h"
#include "run/config.h"
#include "run/json.h"
#include "run/parts/moves.h"
#include "store/store.h"

/* Makes the record of a run. ens_identity_clear frees the strings that it owns; the others are borrowed from config and
 * model. */
ens_status ens_identity_make(const ens_run_config *config, const ens_model *model, ens_store_record *out,
                             ens_error *error);
void ens_identity_clear(ens_store_record *record);

/* The texts of a stored record, checked. Borrows the record. */
typedef struct ens_identity {
  const char *path; /* of the store, for messages */
  size_t ndim;
  ens_json moves, extra;
} ens_identity;

/* ENS_IO: a text is damaged. */
ens_status ens_identity_read(const ens_store_record *record, const char *path, ens_identity *out, ens_error *error);
/* The moves, nothing counted yet; n is 0 if the text is not of a form that this version knows. Free with
 * ens_moves_free. */
ens_status ens_identity_read_moves(const ens_identity *identity, ens_moves *out, ens_error *error);
ens_status ens_identity_read_tune(const ens_identity *identity, uint64_t *out, ens_error *error); /* 0 if not written */
/* The periodic parameters; NULL if there are none. The caller destroys it. */
ens_status ens_identity_read_domain(const ens_identity *identity, ens_domain **out, ens_error *error);
/* The text or the digits of a field of `extra`; size 0 if it is not written. */
ens_json ens_identity_field(const ens_identity *identity, const char *name);

#endif
