/* The growing text and lists of texts. */
#include <stdlib.h>

#include "base/list.h"
#include "base/text.h"
#include "scarce.h"
#include "unit.h"

TEST(grows) {
  ens_text text = {0};
  CHECK_STRING(ens_text_get(&text), "");
  for (int i = 0; i < 1000; i++) ens_text_add(&text, "%d,", i % 10);
  CHECK(text.size == 2000 && strlen(text.bytes) == 2000);
  CHECK(strncmp(text.bytes, "0,1,2,3,", 8) == 0);
  ens_text_clear(&text);
  CHECK_STRING(ens_text_get(&text), "");
  ens_text_add(&text, "%s", "again");
  char *taken = ens_text_take(&text);
  CHECK_STRING(taken, "again");
  CHECK(!text.bytes && text.size == 0);
  free(taken);
}

TEST(is_empty_when_taken) {
  ens_text text = {0};
  char *taken = ens_text_take(&text);
  CHECK(taken != NULL);
  if (taken) CHECK_STRING(taken, "");
  free(taken);
}

TEST(holds_any_byte) {
  ens_text text = {0};
  ens_text_append(&text, "a\0b", 3);
  ens_text_add(&text, "%c", 'c');
  CHECK(text.size == 4 && memcmp(text.bytes, "a\0bc", 5) == 0);
  ens_text_free(&text);
  CHECK(!text.bytes);
}

TEST(is_cut_off_in_a_buffer) {
  char buffer[8] = "xxxxxxx";
  ens_text text = ens_text_in(buffer, sizeof buffer);
  CHECK_STRING(buffer, "");
  ens_text_add(&text, "%s", "four");
  CHECK_STRING(buffer, "four");
  ens_text_add(&text, "%d", 56789);
  CHECK_STRING(buffer, "four567");
  ens_text_append(&text, "more", 4);
  ens_text_add(&text, "more");
  CHECK_STRING(buffer, "four567");
  CHECK(text.size == 7 && !text.failed);
  ens_text_clear(&text);
  ens_text_append(&text, "exactly", 7);
  CHECK_STRING(buffer, "exactly");
}

TEST(keeps_names) {
  const char *const names[] = {"m", "b"};
  char **list = ens_list_copy(names, 2);
  size_t count = 2;
  CHECK(list != NULL);
  if (!list) return;
  CHECK(ens_list_add(&list, &count, strdup("s")));
  CHECK(count == 3);
  CHECK_STRING(list[0], "m");
  CHECK_STRING(list[2], "s");
  CHECK(!ens_list_add(&list, &count, NULL));
  CHECK(count == 3);
  ens_list_free(list, count);
  list = ens_list_copy(NULL, 0);
  CHECK(list != NULL);
  ens_list_free(list, 0);
  ens_list_free(NULL, 4);
}

TEST(says_when_memory_is_out) {
#if SCARCE
  ens_text text = {0};
  ens_text_add(&text, "%s", "begun");
  scarce_left = 0;
  for (int i = 0; i < 100; i++) ens_text_append(&text, "and more", 8);
  scarce_left = -1;
  CHECK(text.failed);
  ens_text_add(&text, "%s", "later");
  CHECK(!ens_text_take(&text));
  CHECK(!text.failed && !text.bytes);
  const char *const names[] = {"m", "b"};
  for (long left = 0; left < 3; left++) {
    scarce_left = left;
    char **list = ens_list_copy(names, 2);
    scarce_left = -1;
    CHECK(!list);
    ens_list_free(list, 2);
  }
  char **list = NULL, *name = strdup("m");
  size_t count = 0;
  scarce_left = 0;
  CHECK(!ens_list_add(&list, &count, name));
  scarce_left = -1;
  CHECK(!list && count == 0);
#endif
}

int main(void) {
  RUN(grows);
  RUN(is_empty_when_taken);
  RUN(holds_any_byte);
  RUN(is_cut_off_in_a_buffer);
  RUN(keeps_names);
  RUN(says_when_memory_is_out);
  return unit_report();
}
