/* Status and error of every library call. Library code returns a status and fills an error; only main.c exits. Errors
 * are negative, reasons to stop are positive. Test a status as a truth value: ENS_OK is 0. */
#ifndef ENS_BASE_ERROR_H
#define ENS_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

typedef enum ens_status {
  ENS_OK = 0,
  ENS_CONFIG = -1, /* a request that cannot be met: exit status 2 */
  ENS_MODEL = -2,  /* an error of the model or the script: exit status 1 */
  ENS_IO = -3,     /* an error of a file, a device or a database: exit status 1 */
  ENS_MEMORY = -4,
  ENS_STOPPED = 1, /* a signal or the time limit; everything so far is saved */
  ENS_TIMEOUT = 2, /* a wait ended without an event */
  ENS_ENOUGH = 3   /* a sink wants no more steps */
} ens_status;

/* Zero-initialised is "no error". Owns its text, which ens_error_clear frees. */
typedef struct ens_error {
  ens_status status;
  char *text; /* never NULL once set, even if memory ran out */
} ens_error;

#define ENS_ERROR_NONE ((ens_error){ENS_OK, NULL})

/* Replaces the error by `status` and a formatted text, whose arguments may include the old text. Returns `status`, for
 * `return ens_error_set(...)`. If `error` is NULL, it only returns the status. */
ens_status ens_error_set(ens_error *error, ens_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets "out of memory" without allocating. Returns ENS_MEMORY. */
ens_status ens_error_memory(ens_error *error);

const char *ens_error_text(const ens_error *error); /* "" if there is none; valid until the error changes */
void ens_error_clear(ens_error *error);
/* Moves the error of `from` to `to`; either may be NULL. Leaves `from` empty. */
void ens_error_move(ens_error *to, ens_error *from);

#endif
