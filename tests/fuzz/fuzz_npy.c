/* Feeds bytes as a file to the reader of .npy (libFuzzer). */
#include "data/numpy/npy.h"
#include "fuzz_node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  read_bytes(data, size, 1, ens_npy_read);
  return 0;
}
