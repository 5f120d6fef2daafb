/* A reader of the JSON that the program itself writes: one value without blanks between its parts. A text is checked as
 * a whole first, so that a damaged one is never read past its end. */
#ifndef ENS_RUN_JSON_H
#define ENS_RUN_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One value: a part of the text that was checked, which it borrows. size 0: there is none; all functions take that. */
typedef struct ens_json {
  const char *at;
  size_t size;
} ens_json;

/* Checks a text that ends with NUL: false if it is not one JSON value without blanks, or nested deeper than 8. Numbers
 * may be inf and nan, as printf writes them. */
bool ens_json_check(const char *text, ens_json *out);

bool ens_json_is_object(ens_json value);
bool ens_json_is_array(ens_json value);
/* The value of the object's first member of that name. */
ens_json ens_json_member(ens_json object, const char *name);
/* The first item of an array, and the one after `item`. */
ens_json ens_json_first(ens_json array);
ens_json ens_json_next(ens_json array, ens_json item);

/* The bytes between the quotes, with escapes as they stand. */
bool ens_json_text(ens_json value, ens_json *out);
bool ens_json_number(ens_json value, double *out);  /* a finite number, in any locale; false also without memory */
bool ens_json_count(ens_json value, uint64_t *out); /* decimal digits only */

#endif
