/* This machine and this process, by the names that stores and messages give them. */
#ifndef ENS_SYS_HOST_H
#define ENS_SYS_HOST_H

#include <stddef.h>

enum { ENS_HOST_NAME_BYTES = 256 };

/* The machine's name, cut off at `size` bytes with the NUL; "unknown" if the system does not say. */
void ens_host_name(char *out, size_t size);
long ens_host_process(void); /* the process's id */

#endif
