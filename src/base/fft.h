/* Fast Fourier transform of a power-of-two length, in place, for autocovariances. Frequencies come out in scrambled
 * order, because products of spectra need no order. Two real series share one transform as x + iy. */
#ifndef ENS_BASE_FFT_H
#define ENS_BASE_FFT_H

#include <stddef.h>

/* The twiddle factors of one length. Read-only after creation, so threads may share it. */
typedef struct ens_fft ens_fft;

/* `length` must be a power of two; 1 is allowed. NULL: it is not, or no memory. */
ens_fft *ens_fft_create(size_t length);
void ens_fft_destroy(ens_fft *fft);

/* z[length] pairs (real, imaginary), in place: Z_k = sum_t z_t exp(-2 pi i k t / length) at pair ens_fft_place(k). */
void ens_fft_forward(const ens_fft *fft, double *z);

/* The inverse, from the scrambled order, without the division: gives length * z after ens_fft_forward. */
void ens_fft_inverse(const ens_fft *fft, double *z);

size_t ens_fft_place(const ens_fft *fft, size_t frequency); /* the pair that holds the frequency */

/* cos and sin of 2 pi index / length to about the last bit: the angle is first reduced exactly to an eighth of the
 * circle. */
void ens_fft_turn(size_t index, size_t length, double *cosine, double *sine);

#endif
