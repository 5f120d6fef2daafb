/* Philox 4x64-10: four random words as a pure function of a counter and a key (Salmon, Moraes, Dror and Shaw 2011,
 * "Parallel random numbers: as easy as 1, 2, 3"). Ten rounds; each multiplies two words of the counter, keeps both
 * halves of both products, and mixes in the key, which grows by a constant per round. All of it is inline: every update
 * of a walker draws one block, and a call would cost a tenth of that. */
#ifndef ENS_BASE_PHILOX_H
#define ENS_BASE_PHILOX_H

#include <stdint.h>

/* The low half of a * b; its high half in *high. For compilers without 128-bit integers. */
static inline __attribute__((always_inline)) uint64_t ens_philox_multiply_halves(uint64_t a, uint64_t b,
                                                                                 uint64_t *high) {
  uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
  uint64_t low = a_low * b_low, cross = a_high * b_low + (low >> 32), other = a_low * b_high + (uint32_t)cross;
  *high = a_high * b_high + (cross >> 32) + (other >> 32);
  return a * b;
}

/* The same, with the compiler's own 128-bit product if it has one. */
static inline __attribute__((always_inline)) uint64_t ens_philox_multiply(uint64_t a, uint64_t b, uint64_t *high) {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  *high = (uint64_t)(product >> 64);
  return (uint64_t)product;
#else
  return ens_philox_multiply_halves(a, b, high);
#endif
}

typedef struct ens_philox {
  uint64_t word[4], key[2];
} ens_philox;

static inline __attribute__((always_inline)) void ens_philox_round(ens_philox *state) {
  uint64_t high0, high1, *x = state->word;
  uint64_t low0 = ens_philox_multiply(0xD2E7470EE14C6C93u, x[0], &high0);
  uint64_t low1 = ens_philox_multiply(0xCA5A826395121157u, x[2], &high1);
  x[0] = high1 ^ x[1] ^ state->key[0];
  x[1] = low1;
  x[2] = high0 ^ x[3] ^ state->key[1];
  x[3] = low0;
  state->key[0] += 0x9E3779B97F4A7C15u; /* the golden ratio */
  state->key[1] += 0xBB67AE8584CAA73Bu; /* the square root of 3, less 1 */
}

/* Replaces the counter in state->word by its four random words. The ten rounds are written out: gcc -O2 leaves a loop
 * as it is, and that takes nearly twice as long. */
static inline __attribute__((always_inline)) void ens_philox_encrypt(ens_philox *state) {
  ens_philox_round(state), ens_philox_round(state), ens_philox_round(state), ens_philox_round(state);
  ens_philox_round(state), ens_philox_round(state), ens_philox_round(state), ens_philox_round(state);
  ens_philox_round(state), ens_philox_round(state);
}

#endif
