/* Agreement between lines counts first, so that a comma in the text of one line or a blank in a header does not matter.
 */
#include "data/text/dialect.h"

#include "data/text/fields.h"
#include "data/text/number.h"

/* In order of preference. The semicolon comes before the comma, because a file with decimal commas has both. White
 * space comes last, because it surrounds the others too. */
static const char delimiters[ENS_DIALECT_DELIMITERS] = {'\t', ';', '|', ',', ' '};

void ens_dialect_see(ens_dialect *dialect, const char *text, size_t length, char comment, locale_t c_locale) {
  if (dialect->nlines == ENS_DIALECT_LINES) return;
  for (size_t i = 0; i < ENS_DIALECT_DELIMITERS; i++) {
    ens_fields fields = ens_fields_of(text, length, delimiters[i], comment);
    ens_field field;
    size_t count = 0;
    double value;
    while (ens_fields_next(&fields, &field)) {
      count++;
      bool number = ens_number_parse(field.text, field.length, c_locale, &value) == ENS_NUMBER_VALUE;
      dialect->nnumbers[i] += number || ens_number_has_comma(field.text, field.length);
    }
    dialect->ntotal[i] += count;
    dialect->nfields[i][dialect->nlines] = fields.problem ? 0 : count;
  }
  dialect->nlines++;
}

/* The number of lines with the most common number of fields; 0 if that is one field or none. */
static size_t agreement(const size_t *nfields, size_t nlines) {
  size_t best = 0, best_fields = 0;
  for (size_t i = 0; i < nlines; i++) {
    size_t same = 0;
    for (size_t j = 0; j < nlines; j++) same += nfields[j] == nfields[i];
    if (same > best) {
      best = same;
      best_fields = nfields[i];
    }
  }
  return best_fields > 1 ? best : 0;
}

char ens_dialect_delimiter(const ens_dialect *dialect) {
  size_t best_agreement = 0;
  double best_numbers = 0;
  char best = ',';
  for (size_t i = 0; i < ENS_DIALECT_DELIMITERS; i++) {
    size_t agree = agreement(dialect->nfields[i], dialect->nlines);
    if (agree == 0 || agree < best_agreement) continue;
    double numbers = (double)dialect->nnumbers[i] / (double)dialect->ntotal[i];
    if (agree == best_agreement && numbers <= best_numbers) continue;
    best_agreement = agree;
    best_numbers = numbers;
    best = delimiters[i];
  }
  return best;
}
