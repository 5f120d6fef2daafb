/* The bytecode of stripped Lua functions, for fingerprints: the same function gives the same bytes wherever it stands
 * in its file. */
#ifndef ENS_SCRIPT_STATE_BYTECODE_H
#define ENS_SCRIPT_STATE_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>

/* Sets linedefined and lastlinedefined to zero, in place, in a stripped dump of this engine and in all its inner
 * functions. Returns the new size, which may be smaller. The dump can be loaded as before. Bytes of any other layout
 * stay as they are. */
size_t ens_bytecode_clear_lines(char *code, size_t size);

/* Whether a function dumped in these bytes has this name as a constant, as it has if it reads a global of that name.
 * May rarely be true by chance. */
bool ens_bytecode_has_name(const char *bytes, size_t size, const char *name, size_t length);

#endif
