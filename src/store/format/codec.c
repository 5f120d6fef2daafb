/* After a rejected proposal, a walker repeats its position, which stands one step before in the bytes. Level 1 finds
 * these repeats if a step is shorter than zlib's window of 32 KiB; the digits themselves do not compress. */
#include "store/format/codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SAMPLE ((size_t)128 << 10)
#define LEVEL 1

bool ens_codec_is_known(const char *codec) {
  return !strcmp(codec, ENS_CODEC_RAW) || !strcmp(codec, ENS_CODEC_ZLIB);
}

uint32_t ens_codec_crc(uint32_t crc, const void *data, size_t size) {
  return (uint32_t)crc32_z(crc, data, size);
}

bool ens_codec_pack(const void *data, size_t size, unsigned char *out, size_t *out_size) {
  uLongf used = *out_size;
  if (compress2(out, &used, data, size, LEVEL) != Z_OK) return false;
  *out_size = used;
  return true;
}

/* Deflate makes at most 1032 bytes of one byte; header and checksum take six bytes. */
bool ens_codec_is_plausible(const char *codec, size_t stored, size_t size) {
  if (!strcmp(codec, ENS_CODEC_RAW)) return stored == size;
  return stored > 6 && size / 1032 <= stored;
}

ens_status ens_codec_unpack(const char *codec, const void *data, size_t stored, void *out, size_t size) {
  if (!data || !ens_codec_is_plausible(codec, stored, size)) return ENS_IO;
  if (!strcmp(codec, ENS_CODEC_RAW)) {
    memcpy(out, data, size);
    return ENS_OK;
  }
  uLongf made = size;
  int code = uncompress(out, &made, data, stored);
  if (code == Z_MEM_ERROR) return ENS_MEMORY;
  return code == Z_OK && made == size ? ENS_OK : ENS_IO;
}

static bool sample_pays(const unsigned char *data, size_t size) {
  size_t room = ens_codec_worth(SAMPLE);
  unsigned char *out = malloc(room);
  if (!out) return false;
  bool pays = ens_codec_pack(data + (size - SAMPLE) / 2, SAMPLE, out, &room);
  free(out);
  return pays;
}

bool ens_codec_trial_ask(ens_codec_trial *trial, const void *data, size_t size) {
  if (trial->skip) {
    trial->skip--;
    return false;
  }
  /* A chunk that is hardly larger than the sample is tried as a whole. */
  if (size < 2 * SAMPLE || sample_pays(data, size)) return true;
  ens_codec_trial_tell(trial, false);
  return false;
}

void ens_codec_trial_tell(ens_codec_trial *trial, bool paid) {
  if (paid) {
    trial->failures = 0;
    return;
  }
  trial->skip = 1U << (trial->failures < 6 ? trial->failures : 6);
  trial->failures++;
}
