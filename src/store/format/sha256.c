/* The constants and the numbers of sections are those of FIPS 180-4 (constants: 4.2.2 and 5.3.3). */
#include "store/format/sha256.h"

#include <stdint.h>
#include <string.h>

static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned n) {
  return x >> n | x << (32 - n);
}

static uint32_t load_big(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* The message schedule W_t of 6.2.2, step 1. */
static void expand_block(const unsigned char block[64], uint32_t w[64]) {
  for (size_t t = 0; t < 16; t++) w[t] = load_big(block + 4 * t);
  for (size_t t = 16; t < 64; t++) {
    uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
    uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
    w[t] = w[t - 16] + s0 + w[t - 7] + s1;
  }
}

/* Steps 2 to 4 of 6.2.2; v holds a to h. */
static void absorb_block(uint32_t hash[8], const unsigned char block[64]) {
  uint32_t w[64], v[8];
  expand_block(block, w);
  memcpy(v, hash, sizeof v);
  for (size_t t = 0; t < 64; t++) {
    uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
    uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
    uint32_t t1 = v[7] + s1 + choose + round_constant[t] + w[t];
    uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
    uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += t1;
    v[0] = t1 + s0 + majority;
  }
  for (size_t i = 0; i < 8; i++) hash[i] += v[i];
}

/* Padding of 5.1.1: a one bit, zeros, the length in bits; one block or two. */
static void absorb_tail(uint32_t hash[8], const unsigned char *rest, size_t nrest, size_t size) {
  unsigned char tail[128] = {0};
  if (nrest) memcpy(tail, rest, nrest);
  tail[nrest] = 0x80;
  size_t length = nrest < 56 ? 64 : 128;
  uint64_t bits = (uint64_t)size * 8;
  for (size_t i = 0; i < 8; i++) tail[length - 1 - i] = (unsigned char)(bits >> (8 * i));
  absorb_block(hash, tail);
  if (length == 128) absorb_block(hash, tail + 64);
}

void ens_sha256_hex(const void *data, size_t size, char out[65]) {
  uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const unsigned char *bytes = data;
  size_t whole = size / 64 * 64;
  for (size_t i = 0; i < whole; i += 64) absorb_block(hash, bytes + i);
  absorb_tail(hash, whole < size ? bytes + whole : NULL, size - whole, size);
  for (size_t i = 0; i < 64; i++) out[i] = "0123456789abcdef"[hash[i / 8] >> (28 - 4 * (i % 8)) & 15];
  out[64] = '\0';
}
