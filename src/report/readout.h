/* The texts that show the progress of a run: a bar, a plain line, a JSON object. They are ASCII, and the same in every
 * locale. Knows nothing of the screen and of the times when they are shown. */
#ifndef ENS_REPORT_READOUT_H
#define ENS_REPORT_READOUT_H

#include <stddef.h>
#include <stdint.h>

/* A number that is NaN is not known: the texts leave it out, and the JSON object has null. */
typedef struct ens_readout {
  uint64_t step, steps; /* kept steps so far and in the end; steps 0: not known */
  uint64_t tuned, tune; /* steps of the tuning so far and in the end; shown while the tuning lasts */
  double rate;          /* kept steps per second, > 0 */
  double evaluations;   /* evaluations per second, > 0; not in the JSON */
  double acceptance;    /* fraction */
  double tau;           /* in kept steps */
  double eta, elapsed;  /* seconds */
  const char *waits;    /* the goals of the run besides its steps, in ASCII without quotes; NULL: it never has any */
} ens_readout;

enum { ENS_READOUT_SIZE = 512 }; /* for any of these texts with its NUL */

/* Each returns the length of its text. The bar has at most `width` columns; it leaves out the least important parts. */
size_t ens_readout_bar(const ens_readout *readout, size_t width, char out[ENS_READOUT_SIZE]);
size_t ens_readout_plain(const ens_readout *readout, char out[ENS_READOUT_SIZE]);
size_t ens_readout_json(const ens_readout *readout, char out[ENS_READOUT_SIZE]);
/* A number >= 0 in three significant digits, with all digits before the point and no exponent: "0.0123", "98.7",
 * "12345";
 * "-" if it is not known. */
size_t ens_readout_number(double value, char out[ENS_READOUT_SIZE]);
/* A time in a suitable unit: "4.75 us", "12.0 ms", "61.2 s". */
size_t ens_readout_time(double seconds, char out[ENS_READOUT_SIZE]);

#endif
