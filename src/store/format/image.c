/* All numbers are little-endian. Each blob gets a column of its own; the batch has them in rows. */
#include "store/format/image.h"

#include <stdlib.h>

#include "store/file/little.h"

ens_image *ens_image_create(const ens_blobs *blobs) {
  ens_image *image = calloc(1, sizeof *image);
  if (!image) return NULL;
  image->blobs = blobs;
  image->npieces = ENS_COLUMN_BLOBS + blobs->count;
  image->piece = calloc(image->npieces, sizeof *image->piece);
  if (image->piece) return image;
  free(image);
  return NULL;
}

void ens_image_destroy(ens_image *image) {
  if (!image) return;
  free(image->piece);
  free(image->packed);
  free(image->columns);
  free(image);
}

static bool reserve_columns(ens_image *image, size_t cells) {
  if (cells <= image->columns_room) return true;
  free(image->columns);
  image->columns = malloc(cells * sizeof *image->columns);
  image->columns_room = image->columns ? cells : 0;
  return image->columns != NULL;
}

static size_t raw_bytes(const ens_image *image) {
  size_t sum = 0;
  for (size_t i = 0; i < image->npieces; i++) sum += image->piece[i].size;
  return sum;
}

/* The numbers in the byte order of the file: themselves, or a converted copy at *room. */
static ens_image_piece number_piece(const double *numbers, size_t count, double **room) {
  ens_image_piece piece = {numbers, count * sizeof *numbers, 0};
  if (ENS_LITTLE_ENDIAN_HOST) return piece;
  memcpy(*room, numbers, piece.size);
  ens_little_swap(*room, count);
  piece.data = *room;
  *room += count;
  return piece;
}

/* Copies one blob from the rows to a column; of a text, without the padding of its last cell. */
static ens_image_piece blob_piece(const double *rows, size_t count, size_t ncells, const ens_blob_def *def,
                                  double **room) {
  size_t cells = ens_blob_cells(def), bytes = def->kind == ENS_BLOB_TEXT ? def->length : 8 * cells;
  unsigned char *column = (unsigned char *)*room;
  for (size_t i = 0; i < count; i++) memcpy(column + 8 * cells * i, rows + i * ncells + def->first, 8 * cells);
  ens_little_swap(column, count * cells);
  for (size_t i = 1; bytes < 8 * cells && i < count; i++) memmove(column + bytes * i, column + 8 * cells * i, bytes);
  *room += count * cells;
  return (ens_image_piece){column, count * bytes, 0};
}

static bool lay_columns(ens_image *image, const ens_batch *batch, size_t first, size_t count) {
  size_t w = batch->shape.nwalkers, d = batch->shape.ndim, b = batch->shape.ncells, n = count * w;
  if (!reserve_columns(image, n * (b + (ENS_LITTLE_ENDIAN_HOST ? 0 : 1 + d)))) return false;
  double *room = image->columns;
  image->piece[ENS_COLUMN_ACCEPTED] = (ens_image_piece){batch->accepted + first * w, n, 0};
  image->piece[ENS_COLUMN_LOG_PROB] = number_piece(batch->log_prob + first * w, n, &room);
  image->piece[ENS_COLUMN_CHAIN] = number_piece(batch->coords + first * w * d, n * d, &room);
  for (size_t i = 0; i < image->blobs->count; i++)
    image->piece[ENS_COLUMN_BLOBS + i] = blob_piece(batch->blobs + first * w * b, n, b, &image->blobs->def[i], &room);
  return true;
}

static bool reserve_packed(ens_image *image, size_t room) {
  if (room <= image->packed_room) return true;
  free(image->packed);
  image->packed = malloc(room);
  image->packed_room = image->packed ? room : 0;
  return image->packed != NULL;
}

/* Compresses all pieces into a room that is small enough to be worth it; false if they do not fit. The second loop sets
 * the pieces only if all of them fit, so that they stay raw otherwise. */
static bool pack_pieces(ens_image *image) {
  size_t room = ens_codec_worth(raw_bytes(image)), used = 0, *size = calloc(image->npieces, sizeof *size);
  bool fits = size && reserve_packed(image, room);
  for (size_t i = 0; fits && i < image->npieces; i++) {
    size[i] = room - used;
    fits = ens_codec_pack(image->piece[i].data, image->piece[i].size, image->packed + used, &size[i]);
    used += fits ? size[i] : 0;
  }
  const unsigned char *at = image->packed;
  for (size_t i = 0; fits && i < image->npieces; at += size[i++]) image->piece[i] = (ens_image_piece){at, size[i], 0};
  free(size);
  return fits;
}

static void pack(ens_image *image, ens_codec_trial *trial) {
  const ens_image_piece *chain = &image->piece[ENS_COLUMN_CHAIN];
  if (!ens_codec_trial_ask(trial, chain->data, chain->size)) return;
  bool paid = pack_pieces(image);
  ens_codec_trial_tell(trial, paid);
  if (paid) image->codec = ENS_CODEC_ZLIB;
}

bool ens_image_make(ens_image *image, const ens_batch *batch, size_t first, size_t count, uint64_t start,
                    ens_codec_trial *trial) {
  image->start = start;
  image->nsteps = 0;
  image->codec = ENS_CODEC_RAW;
  if (!lay_columns(image, batch, first, count)) return false;
  image->nsteps = count;
  pack(image, trial);
  for (size_t i = 0; i < image->npieces; i++) {
    ens_image_piece *piece = &image->piece[i];
    piece->crc = ens_codec_crc(0, piece->data, piece->size);
  }
  return true;
}
