/* What identifies a run: written, read back, compared, and damaged in every way. */
#include "run/identity.h"

#include <stdlib.h>

#include "run/difference.h"
#include "unit.h"

/* ---- the reader of JSON ---- */

static bool is_json(const char *text) {
  ens_json value;
  return ens_json_check(text, &value);
}

TEST(json_is_checked_as_a_whole) {
  CHECK(is_json("{}") && is_json("[]") && is_json("[1,-2.5e-7,inf,\"a\\\"b\",{\"c\":[true,null]}]"));
  CHECK(!is_json("") && !is_json("{") && !is_json("[1,]") && !is_json("[1 2]") && !is_json("{\"a\"}"));
  CHECK(!is_json("{\"a\":}") && !is_json("[1]]") && !is_json("\"a") && !is_json("\"a\\") && !is_json("{a:1}"));
  CHECK(!is_json("[[][]]") && !is_json("[\"a\"\"b\"]"));
  CHECK(!is_json("[ 1]") && !is_json("[[[[[[[[[[1]]]]]]]]]]"));
}

TEST(json_members_and_items) {
  ens_json value, text;
  double number = 0;
  uint64_t count = 0;
  CHECK(ens_json_check("{\"b\":{\"a\":9},\"a\":[7,\"x,\\\"]\",0.5],\"n\":18446744073709551615}", &value));
  ens_json list = ens_json_member(value, "a"), first = ens_json_first(list), second = ens_json_next(list, first);
  CHECK(ens_json_is_array(list) && ens_json_count(first, &count) && count == 7);
  CHECK(ens_json_text(second, &text) && text.size == 5 && !ens_json_number(second, &number));
  CHECK(ens_json_number(ens_json_next(list, second), &number) && number == 0.5);
  CHECK(ens_json_next(list, ens_json_next(list, second)).size == 0);
  CHECK(ens_json_count(ens_json_member(value, "n"), &count) && count == UINT64_MAX);
  CHECK(ens_json_member(value, "c").size == 0 && ens_json_member(list, "a").size == 0);
  CHECK(ens_json_check("18446744073709551616", &value) && !ens_json_count(value, &count));
  CHECK(ens_json_check("inf", &value) && !ens_json_number(value, &number));
  CHECK(ens_json_first((ens_json){0}).size == 0 && !ens_json_text((ens_json){0}, &text));
}

/* ---- a run ---- */

static char *names[] = {"x", "phase"};
static char fields[] = "line=crc32:12ab34cd:480@line.csv;x=crc32:00000001:8";

typedef struct subject {
  ens_run_config config;
  ens_run_config_move move[2];
  ens_model model;
  ens_domain *domain;
  ens_store_record record;
} subject;

static void describe(subject *s) {
  CHECK(ens_identity_make(&s->config, &s->model, &s->record, NULL) == ENS_OK);
}

static void make(subject *s) {
  static const double nothing[64];
  *s = (subject){.domain = ens_domain_create(2)};
  s->domain->low[1] = -0.1;
  s->domain->high[1] = 6.2831853071795862;
  s->domain->periodic[1] = s->domain->any_periodic = true;
  s->move[0] = (ens_run_config_move){.kind = ens_move_find("stretch"), .weight = 0.7, .value = nothing};
  s->move[1] = (ens_run_config_move){.kind = ens_move_find("slice"), .weight = 0.3, .value = nothing};
  s->config.sampling = (ens_run_config_sampling){
      .nwalkers = 8, .nsplits = 2, .nmoves = 2, .move = s->move, .thin_by = 3, .seed = 42, .tune = 500};
  s->config.origin.engine = "Lua 5.4";
  s->model = (ens_model){.name = "model.lua",
                         .ndim = 2,
                         .parameters = names,
                         .domain = s->domain,
                         .fingerprint = "crc32:aa",
                         .data_fingerprint = "crc32:bb",
                         .data_fields = fields};
  describe(s);
}

static void drop(subject *s) {
  ens_identity_clear(&s->record);
  ens_domain_destroy(s->domain);
}

TEST(the_texts_are_these) {
  subject s;
  make(&s);
  CHECK(strncmp(s.record.moves, "[{\"move\":\"stretch\",\"weight\":0.69999999999999996", 47) == 0);
  CHECK(
      strncmp(s.record.extra,
              "{\"model\":\"crc32:aa\",\"data\":\"crc32:bb\",\"nsplits\":2,\"tune\":500,\"split\":\"fixed\",\"fields\":"
              "\"line=crc32:12ab34cd:480@line.csv;x=crc32:00000001:8\",\"domain\":\"crc32:",
              150) == 0);
  CHECK(strstr(s.record.extra, "\"periodic\":[[1,-0.10000000000000001,6.2831853071795862]]}"));
  drop(&s);
}

TEST(what_is_written_is_read_back) {
  subject s;
  ens_identity identity;
  ens_moves moves;
  ens_domain *domain;
  uint64_t tune;
  make(&s);
  CHECK(ens_identity_read(&s.record, "a.db", &identity, NULL) == ENS_OK);
  CHECK(ens_identity_read_moves(&identity, &moves, NULL) == ENS_OK && moves.n == 2);
  CHECK_STRING(moves.move[0].name, "stretch");
  CHECK_STRING(moves.move[1].name, "slice");
  CHECK(moves.move[0].weight == 0.7 && moves.move[1].weight == 0.3);
  CHECK(ens_identity_read_tune(&identity, &tune, NULL) == ENS_OK && tune == 500);
  CHECK(ens_identity_read_domain(&identity, &domain, NULL) == ENS_OK && domain);
  CHECK(!domain->periodic[0] && domain->periodic[1]);
  CHECK(domain->low[1] == -0.1 && domain->high[1] == 6.2831853071795862);
  ens_json data = ens_identity_field(&identity, "data");
  CHECK(data.size == 8 && memcmp(data.at, "crc32:bb", 8) == 0);
  CHECK(ens_identity_field(&identity, "nothing").size == 0);
  ens_domain_destroy(domain);
  ens_moves_free(&moves);
  drop(&s);
}

/* ---- other texts ---- */

/* Reads everything of a record with these texts. */
static ens_status read_texts(const char *moves_text, const char *extra, size_t *nmoves) {
  ens_store_record record = {.ndim = 2, .moves = (char *)moves_text, .extra = (char *)extra};
  ens_identity identity;
  ens_moves moves = {0};
  ens_domain *domain = NULL;
  ens_error error = ENS_ERROR_NONE;
  uint64_t tune;
  ens_status status = ens_identity_read(&record, "a.db", &identity, &error);
  if (!status) status = ens_identity_read_moves(&identity, &moves, &error);
  if (!status) status = ens_identity_read_tune(&identity, &tune, &error);
  if (!status) status = ens_identity_read_domain(&identity, &domain, &error);
  if (status) CHECK(strstr(ens_error_text(&error), "'a.db' is damaged: "));
  if (nmoves) *nmoves = moves.n;
  ens_moves_free(&moves);
  ens_domain_destroy(domain);
  ens_error_clear(&error);
  return status;
}

TEST(texts_of_other_versions_are_no_damage) {
  size_t n = 7;
  CHECK(read_texts(NULL, NULL, &n) == ENS_OK && n == 0);
  CHECK(read_texts("[{\"stretch\":2}]", "{}", &n) == ENS_OK && n == 0);
  CHECK(read_texts("{\"move\":\"de\"}", "{\"new\":[1,{\"a\":2}]}", &n) == ENS_OK && n == 0);
  CHECK(read_texts("[{\"move\":\"de\",\"weight\":1},{\"move\":\"de\",\"weight\":0}]", "{}", &n) == ENS_OK && n == 0);
  CHECK(read_texts("[{\"move\":\"a_name_that_is_longer_than_any\",\"weight\":2}]", "{}", &n) == ENS_OK && n == 1);
}

TEST(damaged_numbers_are_errors) {
  CHECK(read_texts("[]", "{\"tune\":\"x\"}", NULL) == ENS_IO);
  CHECK(read_texts("[]", "{\"tune\":-1}", NULL) == ENS_IO);
  CHECK(read_texts("[]", "{\"periodic\":7}", NULL) == ENS_IO);
  CHECK(read_texts("[]", "{\"periodic\":[[2,0,1]]}", NULL) == ENS_IO); /* there are two parameters */
  CHECK(read_texts("[]", "{\"periodic\":[[0,1,1]]}", NULL) == ENS_IO);
  CHECK(read_texts("[]", "{\"periodic\":[[0,0,inf]]}", NULL) == ENS_IO);
  CHECK(read_texts("[]", "{\"periodic\":[[0,0]]}", NULL) == ENS_IO);
  CHECK(read_texts("[]", "[]", NULL) == ENS_IO);
}

/* Each text is in memory of its own, so that the address sanitizer sees a read past its end. */
static void check_damage(const char *text, bool is_moves, size_t length, char put) {
  char *damaged = strndup(text, length);
  if (put && length) damaged[length - 1] = put;
  ens_status status = is_moves ? read_texts(damaged, NULL, NULL) : read_texts("[]", damaged, NULL);
  if (!put) CHECK(status == ENS_IO);
  free(damaged);
}

TEST(a_text_that_is_cut_off_or_changed_is_never_read_past_its_end) {
  static const char puts[] = "\"\\{}[],:-0a\x80";
  subject s;
  make(&s);
  for (int is_moves = 0; is_moves <= 1; is_moves++) {
    const char *text = is_moves ? s.record.moves : s.record.extra;
    size_t size = strlen(text);
    for (size_t length = 0; length < size; length++) check_damage(text, is_moves, length, 0);
    for (size_t place = 1; place <= size; place++)
      for (const char *put = puts; *put; put++) {
        char *changed = strdup(text);
        changed[place - 1] = *put;
        check_damage(changed, is_moves, size, changed[size - 1]);
        free(changed);
      }
  }
  drop(&s);
}

/* ---- differences ---- */

static bool recognize_data(const ens_model *model, const char *fingerprint) {
  (void)model;
  return strcmp(fingerprint, "other-engine") == 0;
}

static ens_status compare(const ens_store_record *stored, const ens_store_record *wanted, char **forced,
                          char text[1024]) {
  ens_error error = ENS_ERROR_NONE;
  static const ens_model_ops ops = {.recognize_data = recognize_data};
  const ens_model model = {.ops = &ops, .name = "model.lua"};
  ens_difference difference = {stored, wanted, "a.db", &model};
  ens_status status = ens_difference_check(&difference, forced, &error);
  snprintf(text, 1024, "%s", ens_error_text(&error));
  ens_error_clear(&error);
  return status;
}

TEST(the_same_run_has_no_difference) {
  subject a, b;
  char text[1024];
  make(&a);
  make(&b);
  CHECK(compare(&a.record, &b.record, NULL, text) == ENS_OK);
  CHECK_STRING(text, "");
  drop(&a);
  drop(&b);
}

TEST(every_difference_is_named) {
  static char other[] = "line=crc32:ffffffff:480@line.csv;z=crc32:00000001:8";
  subject a, b;
  char text[1024];
  make(&a);
  make(&b);
  ens_identity_clear(&b.record);
  b.config.sampling.seed = 43;
  b.config.sampling.tune = 5000;
  b.config.sampling.nsplits = 3;
  b.config.sampling.randomize_split = true;
  b.move[0].weight = 1;
  b.model.data_fields = other;
  strcpy(b.model.data_fingerprint, "crc32:cc");
  strcpy(b.model.fingerprint, "crc32:dd");
  b.domain->high[1] = 7;
  describe(&b);
  CHECK(compare(&a.record, &b.record, NULL, text) == ENS_CONFIG);
  CHECK(strncmp(text, "'a.db' holds a run that this one cannot continue:\n", 50) == 0);
  CHECK(strstr(text, "\n  seed: 42 there, 43 here\n  moves: [{"));
  CHECK(strstr(text, "\n  the model has changed: model.lua\n"));
  CHECK(strstr(text, "\n  the data have changed: data.line (line.csv), data.z is new, data.x is gone\n"));
  CHECK(strstr(text, "\n  tune, ") && strstr(text, "\n  nsplits, ") && strstr(text, "\n  randomize_split has changed"));
  CHECK(strstr(text, "\n  the bounds or the periodic parameters have changed"));
  CHECK(!strstr(text, "walkers:") && !strstr(text, "thin_by:"));
  drop(&a);
  drop(&b);
}

TEST(a_store_without_fields_only_says_that_the_data_have_changed) {
  subject a, b;
  char text[1024];
  make(&a);
  make(&b);
  ens_identity_clear(&a.record);
  a.model.data_fields = NULL;
  strcpy(a.model.data_fingerprint, "crc32:cc");
  describe(&a);
  CHECK(compare(&a.record, &b.record, NULL, text) == ENS_CONFIG);
  CHECK(strstr(text, "\n  the data have changed\n"));
  drop(&a);
  drop(&b);
}

TEST(data_that_the_model_recognizes_are_no_difference) {
  subject a, b;
  char text[1024];
  make(&a);
  make(&b);
  ens_identity_clear(&a.record);
  strcpy(a.model.data_fingerprint, "other-engine");
  describe(&a);
  CHECK(compare(&a.record, &b.record, NULL, text) == ENS_OK);
  CHECK_STRING(text, "");
  drop(&a);
  drop(&b);
}

TEST(only_differences_that_keep_the_shape_can_be_forced) {
  subject a, b;
  char text[1024], *forced = strdup("an older list");
  make(&a);
  make(&b);
  b.record.seed = 1;
  CHECK(compare(&a.record, &b.record, &forced, text) == ENS_OK);
  CHECK_STRING(forced, "\n  seed: 42 there, 1 here");
  b.record.nwalkers = 9;
  CHECK(compare(&a.record, &b.record, &forced, text) == ENS_CONFIG && strstr(text, "walkers: 8 there, 9 here"));
  free(forced);
  drop(&a);
  drop(&b);
}

TEST(a_damaged_record_is_not_compared) {
  subject a, b;
  char text[1024];
  make(&a);
  make(&b);
  a.record.extra[strlen(a.record.extra) - 1] = '\0';
  CHECK(compare(&a.record, &b.record, NULL, text) == ENS_IO && strstr(text, "'a.db' is damaged"));
  drop(&a);
  drop(&b);
}

int main(void) {
  RUN(json_is_checked_as_a_whole);
  RUN(json_members_and_items);
  RUN(the_texts_are_these);
  RUN(what_is_written_is_read_back);
  RUN(texts_of_other_versions_are_no_damage);
  RUN(damaged_numbers_are_errors);
  RUN(a_text_that_is_cut_off_or_changed_is_never_read_past_its_end);
  RUN(the_same_run_has_no_difference);
  RUN(every_difference_is_named);
  RUN(a_store_without_fields_only_says_that_the_data_have_changed);
  RUN(data_that_the_model_recognizes_are_no_difference);
  RUN(only_differences_that_keep_the_shape_can_be_forced);
  RUN(a_damaged_record_is_not_compared);
  return unit_report();
}
