/* The encoding of a chunk in the file: as it is (raw), or compressed by zlib at level 1 if that saves enough. Knows no
 * database. */
#ifndef ENS_STORE_FORMAT_CODEC_H
#define ENS_STORE_FORMAT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ENS_CODEC_RAW "raw"
#define ENS_CODEC_ZLIB "zlib"

bool ens_codec_is_known(const char *codec);

/* The CRC-32 of encoded bytes. `crc`: that of the bytes before them, 0 at the beginning. */
uint32_t ens_codec_crc(uint32_t crc, const void *data, size_t size);

/* Compresses into `out`, which has room for *out_size bytes, and sets *out_size. False: no room, or no memory. */
bool ens_codec_pack(const void *data, size_t size, unsigned char *out, size_t *out_size);
/* Whether `stored` bytes can decode to `size` bytes. Check it before you allocate a size that a file declares. */
bool ens_codec_is_plausible(const char *codec, size_t stored, size_t size);
/* Decodes exactly `size` bytes to `out`. ENS_IO: the data are damaged. */
ens_status ens_codec_unpack(const char *codec, const void *data, size_t stored, void *out, size_t size);

/* Decides whether to try compression: after a useless trial, the next 1, 2, 4, ... 64 chunks are not tried. */
typedef struct ens_codec_trial {
  unsigned failures, skip;
} ens_codec_trial;

/* Whether to compress this chunk, judged by a sample from the middle of its positions. */
bool ens_codec_trial_ask(ens_codec_trial *trial, const void *data, size_t size);
void ens_codec_trial_tell(ens_codec_trial *trial, bool paid);
/* The compressed size, at most, that makes it worth to read `size` bytes through zlib. */
static inline size_t ens_codec_worth(size_t size) {
  return size - size / 10;
}

#endif
