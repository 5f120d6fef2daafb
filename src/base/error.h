/* Status and error of every library call. Library code returns a status and fills an error; only main.c exits.
 * Failures are negative, reasons to stop are positive. */
#ifndef ENS_BASE_ERROR_H
#define ENS_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

typedef enum ens_status {
  ENS_OK = 0,
  ENS_CONFIG = -1, /* what the user asked for cannot be: exit status 2 */
  ENS_MODEL = -2,  /* the model or the script failed: exit status 1 */
  ENS_IO = -3,     /* a file, a device, a database: exit status 1 */
  ENS_MEMORY = -4,
  ENS_STOPPED = 1, /* a signal or the time limit: everything so far is saved */
  ENS_TIMEOUT = 2, /* a wait ended before anything happened */
  ENS_ENOUGH = 3   /* whoever takes the steps has all that it wants */
} ens_status;

/* Zero-initialised is "no error". Owns its text; ens_error_clear frees it. */
typedef struct ens_error {
  ens_status status;
  char *text; /* never NULL once set, even when memory is out */
} ens_error;

#define ENS_ERROR_NONE ((ens_error){ENS_OK, NULL})

/* Replaces what the error held by a formatted text. Returns `status`, so that callers can write
 * `return ens_error_set(...)`. `error` may be NULL: then only the status is returned. */
ens_status ens_error_set(ens_error *error, ens_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As ens_error_set for lack of memory; never allocates. */
ens_status ens_error_memory(ens_error *error);

const char *ens_error_text(const ens_error *error); /* "" when there is none; valid until the error changes */
void ens_error_clear(ens_error *error);
/* Moves the error of `from` to `to` (either may be NULL) and leaves `from` empty. */
void ens_error_move(ens_error *to, ens_error *from);

#endif
