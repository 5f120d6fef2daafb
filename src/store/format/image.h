/* The encoded columns of one chunk, ready for its rows. An image is made before the transaction, which can then be
 * tried several times. Knows no database. */
#ifndef ENS_STORE_FORMAT_IMAGE_H
#define ENS_STORE_FORMAT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/blob.h"
#include "store/format/batch.h"
#include "store/format/codec.h"

typedef struct ens_image_piece {
  const void *data;
  size_t size;
  uint32_t crc; /* of these bytes */
} ens_image_piece;

/* The columns of a chunk in the order of `piece`; blob i is ENS_COLUMN_BLOBS + i. */
enum { ENS_COLUMN_ACCEPTED, ENS_COLUMN_LOG_PROB, ENS_COLUMN_CHAIN, ENS_COLUMN_BLOBS };

typedef struct ens_image {
  uint64_t start; /* kept steps before this chunk */
  size_t nsteps;  /* 0: nothing to write */
  const char *codec;
  const ens_blobs *blobs; /* borrowed */
  size_t npieces;
  ens_image_piece *piece; /* [npieces]; they borrow from the batch or from the two buffers */
  unsigned char *packed;
  size_t packed_room;
  double *columns;
  size_t columns_room; /* cells */
} ens_image;

ens_image *ens_image_create(const ens_blobs *blobs); /* borrows them; NULL: no memory */
void ens_image_destroy(ens_image *image);            /* NULL is fine */

/* Encodes steps first .. first + count - 1 of the batch. Valid until the batch changes. False: no memory. */
bool ens_image_make(ens_image *image, const ens_batch *batch, size_t first, size_t count, uint64_t start,
                    ens_codec_trial *trial);

#endif
