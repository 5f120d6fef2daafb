/* The dump of a Lua function without the lines that it was defined in: what a model is, wherever it stands. */
#ifndef ENS_SCRIPT_STATE_BYTECODE_H
#define ENS_SCRIPT_STATE_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes linedefined and lastlinedefined zero, in place, in a stripped dump of this engine and in all functions of it;
 * returns its size, which may have become less. It can be loaded as before. What is no such dump, or is of another
 * layout, stays as it is. */
size_t ens_bytecode_clear_lines(char *code, size_t size);

/* Whether the name is a constant of a function whose dump is among these bytes, as it is where the function reads a
 * global of that name. Where it is not, bytes that look like one may deceive. */
bool ens_bytecode_has_name(const char *bytes, size_t size, const char *name, size_t length);

#endif
