/* gethostname and getpid. */
#include "sys/host.h"

#include <string.h>
#include <unistd.h>

void ens_host_name(char *out, size_t size) {
  if (gethostname(out, size) != 0) strncpy(out, "unknown", size);
  out[size - 1] = '\0';
}

long ens_host_process(void) {
  return (long)getpid();
}
