/* How a chunk's bytes are in the file: as they are (raw) or by zlib at level 1 where that pays. Knows no database. */
#ifndef ENS_STORE_FORMAT_CODEC_H
#define ENS_STORE_FORMAT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ENS_CODEC_RAW "raw"
#define ENS_CODEC_ZLIB "zlib"

bool ens_codec_is_known(const char *codec);

/* CRC-32 of bytes as they are in the file; `crc` is that of what comes before them, 0 at the beginning. */
uint32_t ens_codec_crc(uint32_t crc, const void *data, size_t size);

/* Compresses into `out`, which has room for *out_size bytes; sets *out_size. False: no room, or no memory. */
bool ens_codec_pack(const void *data, size_t size, unsigned char *out, size_t *out_size);
/* True when `stored` bytes can be `size` bytes: what is to be seen before memory of a declared size is asked for. */
bool ens_codec_is_plausible(const char *codec, size_t stored, size_t size);
/* Fills exactly `size` bytes of `out`. ENS_IO: damaged. */
ens_status ens_codec_unpack(const char *codec, const void *data, size_t stored, void *out, size_t size);

/* Whether trying pays: after a trial that did not, the next 1, 2, 4, ... 64 chunks are not tried. */
typedef struct ens_codec_trial {
  unsigned failures, skip;
} ens_codec_trial;

/* True when this chunk is worth compressing, by a sample from the middle of its positions. */
bool ens_codec_trial_ask(ens_codec_trial *trial, const void *data, size_t size);
void ens_codec_trial_tell(ens_codec_trial *trial, bool paid);
/* What `size` bytes may become to be worth reading back through zlib. */
static inline size_t ens_codec_worth(size_t size) {
  return size - size / 10;
}

#endif
