/* SHA-256 against the vectors of FIPS 180-4 and of NIST's test suite, and against itself at every padding. */
#include "store/format/sha256.h"

#include <stdlib.h>

#include "unit.h"

static void check_digest(const char *text, const char *want) {
  char got[65];
  ens_sha256_hex(text, strlen(text), got);
  CHECK_STRING(got, want);
}

TEST(known_messages) {
  check_digest("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check_digest("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  check_digest(
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstn"
      "opqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

TEST(million_letters) {
  size_t size = 1000000;
  char *text = malloc(size), got[65];
  CHECK(text != NULL);
  if (!text) return;
  memset(text, 'a', size);
  ens_sha256_hex(text, size, got);
  CHECK_STRING(got, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free(text);
}

TEST(nothing_at_all) {
  char got[65];
  ens_sha256_hex(NULL, 0, got);
  CHECK_STRING(got, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Padding errors show at lengths near a block. So this is the digest of the digests of 0 .. 199 letters; `hashlib`
 * gives the text below. */
TEST(every_padding) {
  char letters[200], all[200 * 64], got[65];
  memset(letters, 'x', sizeof letters);
  for (size_t n = 0; n < 200; n++) {
    ens_sha256_hex(letters, n, got);
    memcpy(all + 64 * n, got, 64);
  }
  ens_sha256_hex(all, sizeof all, got);
  CHECK_STRING(got, "f61ffcc417e1f0e59eba2da7fa32fbe05b64e478b68c6bacf990455f00248b98");
}

int main(void) {
  RUN(known_messages);
  RUN(million_letters);
  RUN(nothing_at_all);
  RUN(every_padding);
  return unit_report();
}
