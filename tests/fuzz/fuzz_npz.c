/* Feeds bytes as a file to the reader of .npz (libFuzzer), which unpacks at most 1032 bytes from one. Wrong CRCs and
 * sizes keep random bytes from most of the reader, so each input is read twice: unchanged, and with correct CRCs. */
#include <zlib.h>

#include "data/numpy/npz.h"
#include "fuzz_node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_crc(uint8_t *at, uint32_t crc) {
  for (int i = 0; i < 4; i++, crc >>= 8) at[i] = (uint8_t)crc;
}

/* Writes the CRCs of stored members into each directory record that has its signature. */
static void make_right(uint8_t *bytes, size_t size) {
  for (size_t at = 0; size >= 46 && at <= size - 46; at++) {
    if (memcmp(bytes + at, "PK\1\2", 4) != 0) continue;
    size_t packed = (size_t)bytes[at + 20] | (size_t)bytes[at + 21] << 8;
    size_t local = (size_t)bytes[at + 42] | (size_t)bytes[at + 43] << 8;
    if (local + 30 > size) continue;
    size_t begin = local + 30 + bytes[local + 26] + bytes[local + 28];
    if (begin <= size && packed <= size - begin) put_crc(bytes + at + 16, (uint32_t)crc32_z(0, bytes + begin, packed));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_bytes(data, size, 1032, ens_npz_read);
  uint8_t *right = malloc(size + 1);
  require(right != NULL);
  if (size) memcpy(right, data, size);
  make_right(right, size);
  read_bytes(right, size, 1032, ens_npz_read);
  free(right);
  return 0;
}
