/* Ties encoder, decoder and globals together in protected calls. */
#include "script/transfer/transfer.h"

#include "script/transfer/globals.h"

/* Starts an encoder, whose tables it pushes. */
static ens_encoder start(lua_State *L, const char *what, bool strip, ens_parcel *out, ens_error *error) {
  ENS_STACK(L, -0, +3);
  ens_encoder e = {.out = out, .error = error, .strip = strip};
  *out = (ens_parcel){0};
  ens_encoder_start(&e, L, what);
  return e;
}

static ens_status finish(ens_encoder *e, ens_status status) {
  ENS_STACK(e->L, -3, +0);
  lua_pop(e->L, 3);
  if (status) ens_parcel_free(e->out);
  return status;
}

ens_status ens_transfer_encode_data(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  index = lua_absindex(L, index);
  ens_encoder e = start(L, what, true, out, error);
  return finish(&e, ens_encoder_put(&e, index));
}

ens_status ens_transfer_encode_meaning(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  index = lua_absindex(L, index);
  ens_encoder e = start(L, what, true, out, error);
  ens_status status = ens_encoder_put(&e, index);
  return finish(&e, status ? status : ens_globals_put_named(&e));
}

ens_status ens_transfer_encode(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  index = lua_absindex(L, index);
  ens_encoder e = start(L, what, false, out, error);
  ens_status status = ens_globals_put(&e);
  ens_encoder_set_path(&e, "%s", what);
  return finish(&e, status ? status : ens_encoder_put(&e, index));
}

void ens_transfer_decode_data(lua_State *L, const ens_parcel *parcel) {
  ENS_STACK(L, -0, +1);
  ens_decoder d;
  ens_decoder_start(&d, L, parcel);
  ens_decoder_push(&d);
  lua_replace(L, d.objects);
  lua_settop(L, d.objects);
}

void ens_transfer_decode(lua_State *L, const ens_parcel *parcel) {
  ENS_STACK(L, -0, +1);
  ens_decoder d;
  ens_decoder_start(&d, L, parcel);
  ens_globals_take(&d);
  ens_decoder_push(&d);
  lua_replace(L, d.objects);
  lua_settop(L, d.objects);
}
