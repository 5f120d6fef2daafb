/* Models as bytes, for the other ranks of a job. All ranks run the same program with the same engine, so that functions
 * can go as bytecode. */
#ifndef ENS_SCRIPT_MODEL_PACK_H
#define ENS_SCRIPT_MODEL_PACK_H

#include "script/model/lua_model.h"

/* The `pack` op of models in Lua. */
ens_status ens_model_pack_put(const ens_model *model, ens_bundle *out, ens_error *error);
/* Makes the model, in Lua or native, that a `pack` op wrote. It borrows the bundle's parts. */
ens_status ens_model_pack_take(ens_bundle *bundle, ens_model **out, ens_error *error);

#endif
