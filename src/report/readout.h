/* How far a run is, and its texts: a bar, a plain line, a JSON object. Must not know when they are shown or where.
 * ASCII only, and the same in every locale. */
#ifndef ENS_REPORT_READOUT_H
#define ENS_REPORT_READOUT_H

#include <stddef.h>
#include <stdint.h>

/* NaN: not known; then nothing is shown in its place (JSON: null). */
typedef struct ens_readout {
  uint64_t step, steps; /* kept steps, and how many there will be; steps 0: not known */
  uint64_t tuned, tune; /* steps before the first kept one, in which moves are tuned; shown until they are done */
  double rate;          /* kept steps a second, > 0 */
  double evaluations;   /* evaluations a second, > 0; not in the JSON */
  double acceptance;    /* fraction */
  double tau;           /* in kept steps */
  double eta, elapsed;  /* seconds */
  const char *waits;    /* what the run waits for beside its steps, in ASCII without quotes; NULL: nothing ever */
} ens_readout;

enum { ENS_READOUT_SIZE = 512 }; /* holds any of these texts with its NUL */

/* Each returns the text's length. The bar is at most `width` columns, the least important parts left out. */
size_t ens_readout_bar(const ens_readout *readout, size_t width, char out[ENS_READOUT_SIZE]);
size_t ens_readout_plain(const ens_readout *readout, char out[ENS_READOUT_SIZE]);
size_t ens_readout_json(const ens_readout *readout, char out[ENS_READOUT_SIZE]);
/* A number of at least 0 in three digits, or all that are before the point, never with an exponent: "0.0123", "98.7",
 * "12345"; "-" where it is not known. */
size_t ens_readout_number(double value, char out[ENS_READOUT_SIZE]);
/* Likewise a time in the unit that suits it: "4.75 us", "12.0 ms", "61.2 s". */
size_t ens_readout_time(double seconds, char out[ENS_READOUT_SIZE]);

#endif
