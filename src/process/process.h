/* The process itself: its clock, its screen, its version, and the folders of models. It knows nothing of runs. */
#ifndef ENS_PROCESS_PROCESS_H
#define ENS_PROCESS_PROCESS_H

#include <stddef.h>

#include "base/error.h"
#include "report/console.h"

/* The first call in main: starts the clock of time limits and makes the console. models_dir: the folder of the
 * installed models. */
void ens_process_begin(const char *models_dir);
void ens_process_end(void);
double ens_process_seconds(void); /* since ens_process_begin */

ens_console *ens_process_console(void); /* borrowed; NULL if there was no memory for it */
/* Writes "ensemble-lua: text" as a whole line to stderr. Any thread. */
void ens_process_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes a whole line to stdout without spoiling the progress bar. Any thread. */
void ens_process_print_line(const char *prefix, const char *text, size_t size);

const char *ens_process_version(void);
/* Sets the threads of BLAS, OpenMP and similar libraries in each worker. It is 1 until this is called, which must be
 * before any worker is made. */
void ens_process_set_blas_threads(unsigned threads);
/* Writes a random seed of 53 bits as decimal digits. */
ens_status ens_process_draw_seed(char digits[24], ens_error *error);
/* The i-th folder, from 0, in which models are found by name; NULL after the last. Valid for the life of the process.
 */
const char *ens_process_models_dir(int i);

#endif
