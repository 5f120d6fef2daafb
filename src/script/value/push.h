/* Small pieces of tables: lists of names and numbers, and fields of the table on top. */
#ifndef ENS_SCRIPT_VALUE_PUSH_H
#define ENS_SCRIPT_VALUE_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/state/compat.h"

/* Push a list of n strings or numbers. */
void ens_push_names(lua_State *L, char *const *names, size_t n);
void ens_push_numbers(lua_State *L, const double *numbers, size_t n);

/* Set a field of the table on top. A NULL text leaves the field nil. */
void ens_push_number_field(lua_State *L, const char *key, double number);
void ens_push_count_field(lua_State *L, const char *key, uint64_t count);
void ens_push_flag_field(lua_State *L, const char *key, bool flag);
void ens_push_text_field(lua_State *L, const char *key, const char *text);

#endif
