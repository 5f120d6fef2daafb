/* Values of a Lua state from the bytes of tag.h. Malformed bytes are a Lua error; the decoder never reads past the end
 * of the parcel. But Lua does not check bytecode: a function's code must come from the encoder. */
#ifndef ENS_SCRIPT_TRANSFER_DECODER_H
#define ENS_SCRIPT_TRANSFER_DECODER_H

#include <stdint.h>

#include "script/state/compat.h"
#include "script/transfer/parcel.h"
#include "script/transfer/tag.h"

typedef struct ens_decoder {
  lua_State *L;
  const ens_parcel *parcel; /* borrowed */
  size_t at;
  int objects, owners, slots; /* on the stack: number -> object; variable's number -> a function that captures it, and
                                 the index there */
  uint32_t nobjects;
  int depth;
} ens_decoder;

/* Pushes the three tables that the decoder needs; the caller pops them after the last value. */
void ens_decoder_start(ens_decoder *decoder, lua_State *L, const ens_parcel *parcel);
/* Pushes the next value. Raises Lua errors: call protected. */
void ens_decoder_push(ens_decoder *decoder);
/* Whether the next tag is this one. */
bool ens_decoder_is_next(const ens_decoder *decoder, ens_tag tag);

#endif
