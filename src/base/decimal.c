/* Digits by long arithmetic in a fixed array, rounded half to even at the 17th digit; then the layout that printf's
 * %g chooses. */
#include "base/decimal.h"

#include <math.h>
#include <stdbool.h>

/* A double is an integer times a power of two, and m / 2^k = m * 5^k / 10^k, so integer arithmetic yields all its
 * decimal digits. The longest number, 2^53 * 5^1074, has 767. */
enum { LIMBS = 88, DIGITS = 17 };
static const uint64_t base = 1000000000;

typedef struct natural {
  uint32_t limb[LIMBS]; /* base 10^9, least significant first */
  int count;
} natural;

static void multiply(natural *n, uint32_t by) {
  uint64_t carry = 0;
  for (int i = 0; i < n->count; i++) {
    carry += (uint64_t)n->limb[i] * by;
    n->limb[i] = (uint32_t)(carry % base);
    carry /= base;
  }
  if (carry) n->limb[n->count++] = (uint32_t)carry;
}

/* All digits, most significant first, without leading zeros. Returns their number. */
static int spell(const natural *n, char *digit) {
  int count = 0;
  for (int i = n->count - 1; i >= 0; i--)
    for (uint32_t unit = (uint32_t)(base / 10), rest = n->limb[i]; unit; rest %= unit, unit /= 10)
      if (count || rest / unit) digit[count++] = (char)('0' + rest / unit);
  return count;
}

/* Rounds to DIGITS digits, exact halves to even. Returns whether the result has one more digit in front. */
static bool round_off(char *digit, int count) {
  if (count <= DIGITS) return false;
  bool beyond = false;
  for (int i = DIGITS + 1; i < count; i++) beyond = beyond || digit[i] != '0';
  bool up = digit[DIGITS] > '5' || (digit[DIGITS] == '5' && (beyond || (digit[DIGITS - 1] - '0') % 2));
  int i = DIGITS - 1;
  for (; up && i >= 0 && digit[i] == '9'; i--) digit[i] = '0';
  if (up && i >= 0) digit[i]++;
  if (!up || i >= 0) return false;
  digit[0] = '1'; /* 99..9 became 10..0 */
  return true;
}

static size_t put(char *out, const char *text) {
  size_t n = 0;
  for (; text[n]; n++) out[n] = text[n];
  out[n] = '\0';
  return n;
}

size_t ens_decimal_write_count(uint64_t n, char out[ENS_DECIMAL_SIZE]) {
  char reversed[ENS_DECIMAL_SIZE];
  size_t count = 0;
  do reversed[count++] = (char)('0' + n % 10);
  while (n /= 10);
  for (size_t i = 0; i < count; i++) out[i] = reversed[count - 1 - i];
  out[count] = '\0';
  return count;
}

static size_t put_exponent(char *out, int exponent) {
  char *at = out;
  *at++ = 'e';
  *at++ = exponent < 0 ? '-' : '+';
  unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
  if (size < 10) *at++ = '0';
  return (size_t)(at - out) + ens_decimal_write_count(size, at);
}

/* digit[0] counts 10^exponent. Trailing zeros are dropped, as by %g. */
static size_t put_digits(char *out, const char *digit, int count, int exponent) {
  char *at = out;
  while (count > 1 && digit[count - 1] == '0') count--;
  bool scientific = exponent < -4 || exponent >= DIGITS;
  int point = scientific ? 1 : exponent + 1; /* digits in front of it */
  if (point <= 0) {
    *at++ = '0';
    *at++ = '.';
    for (int i = point; i < 0; i++) *at++ = '0';
  }
  for (int i = 0; i < count || i < point; i++) {
    if (i > 0 && i == point) *at++ = '.';
    *at++ = i < count ? digit[i] : '0';
  }
  *at = '\0';
  return (size_t)(at - out) + (scientific ? put_exponent(at, exponent) : 0);
}

static size_t put_finite(double x, char *out) {
  int exponent;
  uint64_t mantissa = (uint64_t)ldexp(frexp(x, &exponent), 53);
  natural n = {.count = 0};
  for (exponent -= 53; exponent < 0 && mantissa % 2 == 0; exponent++) mantissa /= 2;
  for (uint64_t rest = mantissa; rest; rest /= base) n.limb[n.count++] = (uint32_t)(rest % base);
  for (int i = 0; i < exponent; i++) multiply(&n, 2);
  for (int i = exponent; i < 0; i++) multiply(&n, 5);
  char digit[LIMBS * 9];
  int count = spell(&n, digit), shift = exponent < 0 ? exponent : 0;
  int gained = round_off(digit, count);
  return put_digits(out, digit, count < DIGITS ? count : DIGITS, count - 1 + shift + gained);
}

size_t ens_decimal_write(double x, char out[ENS_DECIMAL_SIZE]) {
  char *at = out;
  if (signbit(x)) *at++ = '-', x = -x;
  size_t sign = (size_t)(at - out);
  if (isnan(x)) return sign + put(at, "nan");
  if (isinf(x)) return sign + put(at, "inf");
  return sign + (x > 0 ? put_finite(x, at) : put(at, "0"));
}
