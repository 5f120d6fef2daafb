/* Converts numbers of up to 53 bits with small exponents exactly by itself, and the others by strtod in the C locale.
 * This file alone decides whether a text is a number, so that both ways accept the same texts. */
#include "data/text/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct scanner {
  const char *at, *end;
} scanner;

typedef struct decimal {
  uint64_t digits;
  bool cut;      /* more digits than `digits` holds */
  long exponent; /* value = digits * 10^exponent, unless cut */
} decimal;

static bool accept_sign(scanner *text) {
  if (text->at == text->end || (*text->at != '-' && *text->at != '+')) return false;
  return *text->at++ == '-';
}

/* Returns the number of digits; each of them moves the exponent by `shift`. */
static size_t scan_digits(scanner *text, decimal *number, int shift) {
  const char *start = text->at;
  for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
    if (number->digits >= UINT64_C(1000000000000000000)) {
      number->cut = true;
    } else {
      number->digits = number->digits * 10 + (uint64_t)(*text->at - '0');
      number->exponent += shift;
    }
  }
  return (size_t)(text->at - start);
}

/* False: an "e" without digits. */
static bool scan_exponent(scanner *text, decimal *number) {
  if (text->at == text->end || (*text->at != 'e' && *text->at != 'E')) return true;
  text->at++;
  bool negative = accept_sign(text);
  const char *start = text->at;
  long exponent = 0;
  for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
    if (exponent < 100000) exponent = exponent * 10 + (*text->at - '0');
  }
  number->exponent += negative ? -exponent : exponent;
  return text->at > start;
}

/* Whether the whole text is digits with at most one `point`, and an exponent. */
static bool scan_decimal(scanner text, char point, decimal *number) {
  size_t count = scan_digits(&text, number, 0);
  if (text.at < text.end && *text.at == point) {
    text.at++;
    count += scan_digits(&text, number, -1);
  }
  return count > 0 && scan_exponent(&text, number) && text.at == text.end;
}

static bool same_word(scanner text, const char *lower) {
  for (; text.at < text.end && *lower; text.at++, lower++) {
    if ((*text.at | 0x20) != *lower) return false;
  }
  return text.at == text.end && !*lower;
}

static bool scan_word(scanner text, double *out) {
  if (same_word(text, "nan")) {
    *out = (double)NAN;
  } else if (same_word(text, "inf") || same_word(text, "infinity")) {
    *out = (double)INFINITY;
  } else {
    return false;
  }
  return true;
}

/* Both operands are exact doubles, so that * or / rounds only once, as the number must be rounded (Clinger 1990). */
static bool convert_exactly(const decimal *number, double *out) {
  static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  /* Wider intermediate results would be rounded twice. */
  if (FLT_EVAL_METHOD != 0 || number->cut || number->digits > UINT64_C(1) << DBL_MANT_DIG) return false;
  if (number->exponent < -22 || number->exponent > 22) return false;
  double digits = (double)number->digits;
  *out = number->exponent < 0 ? digits / power[-number->exponent] : digits * power[number->exponent];
  return true;
}

static ens_number_kind convert_by_library(scanner text, locale_t c_locale, double *out) {
  char small[128];
  size_t length = (size_t)(text.end - text.at);
  char *copy = length < sizeof small ? small : malloc(length + 1);
  if (!copy) return ENS_NUMBER_MEMORY;
  memcpy(copy, text.at, length);
  copy[length] = '\0';
  *out = strtod_l(copy, NULL, c_locale);
  if (copy != small) free(copy);
  return isinf(*out) ? ENS_NUMBER_TOO_BIG : ENS_NUMBER_VALUE;
}

ens_number_kind ens_number_parse(const char *text, size_t length, locale_t c_locale, double *out) {
  scanner rest = {text, text + length};
  bool negative = accept_sign(&rest);
  decimal number = {0};
  double value;
  if (scan_decimal(rest, '.', &number)) {
    if (!convert_exactly(&number, &value)) {
      ens_number_kind kind = convert_by_library(rest, c_locale, &value);
      if (kind != ENS_NUMBER_VALUE) return kind;
    }
  } else if (!scan_word(rest, &value)) {
    return ENS_NUMBER_NONE;
  }
  *out = negative ? -value : value;
  return ENS_NUMBER_VALUE;
}

bool ens_number_has_comma(const char *text, size_t length) {
  scanner rest = {text, text + length};
  decimal number = {0};
  const char *comma = memchr(text, ',', length);
  accept_sign(&rest);
  return comma && comma > rest.at && comma + 1 < rest.end && scan_decimal(rest, ',', &number);
}
