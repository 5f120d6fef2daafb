/* Values of a Lua state as the bytes of tag.h. An encoder lives on the stack of its state. */
#ifndef ENS_SCRIPT_TRANSFER_ENCODER_H
#define ENS_SCRIPT_TRANSFER_ENCODER_H

#include <stdint.h>

#include "base/error.h"
#include "script/state/compat.h"
#include "script/transfer/parcel.h"
#include "script/transfer/tag.h"

enum { ENS_ENCODER_PATH = 256 };

typedef struct ens_encoder {
  lua_State *L;
  ens_parcel *out; /* borrowed */
  ens_error *error;
  bool strip;              /* functions lose their debug information, C functions become fingerprints */
  int names, loaded, seen; /* on the stack: value -> name, package.loaded, object or captured variable -> number */
  uint32_t nobjects;
  int depth;
  char path[ENS_ENCODER_PATH]; /* the way to the present value, for messages */
} ens_encoder;

/* Pushes the three tables that the encoder needs; the caller pops them after its last value. `what` begins the path.
 * The caller sets out, error and strip. Raises a Lua error without memory. */
void ens_encoder_start(ens_encoder *encoder, lua_State *L, const char *what);
void ens_encoder_set_path(ens_encoder *encoder, const char *format, const char *name);

/* Appends the value at `index` (absolute). ENS_CONFIG: it cannot be copied, and the error names it and its path. */
ens_status ens_encoder_put(ens_encoder *encoder, int index);
ens_status ens_encoder_put_tag(ens_encoder *encoder, ens_tag tag);
ens_status ens_encoder_put_text(ens_encoder *encoder, ens_tag tag, const char *text, size_t length);

/* Forgets the objects from number `first` on, after their bytes were cut from the parcel. */
void ens_encoder_forget(ens_encoder *encoder, uint32_t first);

#endif
