/* A run's data by name: paths, names with dots, arrays with gaps; every allocation fails in turn. */
#include "data/tree.h"

#include "scarce.h"
#include "unit.h"

static bool add_number(ens_tree *table, const char *name, double number) {
  ens_tree *entry = ens_tree_add(table, name);
  if (!entry) return false;
  entry->kind = ENS_TREE_NUMBER;
  entry->number = number;
  return true;
}

/* { line = { x = 1, ["x.y"] = 2 }, ["line.x"] = { z = 3 }, a = "t", c = column 1 of { { 0, 1 }, { 2, 3 } } } */
static bool fill(ens_tree *tree, const ens_array *column) {
  ens_tree *line = ens_tree_add(tree, "line");
  if (!line || !add_number(line, "x", 1) || !add_number(line, "x.y", 2)) return false;
  ens_tree *dotted = ens_tree_add(tree, "line.x");
  if (!dotted || !add_number(dotted, "z", 3)) return false;
  ens_tree *text = ens_tree_add(tree, "a");
  if (!text || !ens_tree_set_text(text, "t\0u", 3)) return false;
  ens_tree *array = ens_tree_add(tree, "c");
  return array && ens_tree_set_array(array, column);
}

static ens_array *make_column(void) {
  ens_array *matrix = ens_array_create(2, (size_t[]){2, 2});
  for (size_t i = 0; i < 4; i++) matrix->data[i] = (double)i;
  ens_array *column = ens_array_pick(matrix, 1, 1);
  ens_array_release(matrix);
  return column;
}

static double number_at(const ens_tree *tree, const char *path) {
  const ens_tree *found = ens_tree_find(tree, path);
  return found && found->kind == ENS_TREE_NUMBER ? found->number : NAN;
}

TEST(finds_by_path) {
  ens_array *column = make_column();
  ens_tree *tree = ens_tree_create();
  CHECK(fill(tree, column));
  ens_tree_sort(tree);
  CHECK_STRING(tree->child[0].name, "a");
  CHECK_STRING(tree->child[3].name, "line.x");
  CHECK(ens_tree_find(tree, "") == tree);
  CHECK_NEAR(number_at(tree, "line.x.z"), 3, 0);
  CHECK_NEAR(number_at(tree, "line.x.y"), 2, 0);
  CHECK(ens_tree_find(tree, "line.x")->kind == ENS_TREE_TABLE); /* the whole name comes first */
  CHECK(!ens_tree_find(tree, "lin") && !ens_tree_find(tree, "line.") && !ens_tree_find(tree, "line.y"));
  const ens_tree *array = ens_tree_find(tree, "c"), *text = ens_tree_find(tree, "a");
  CHECK(array->array->stride[0] == 1 && array->array->data[0] == 1 && array->array->data[1] == 3);
  CHECK(text->length == 3 && memcmp(text->text, "t\0u", 4) == 0);
  ens_tree_destroy(tree);
  ens_tree_destroy(NULL);
  ens_array_release(column);
}

TEST(arrays_without_gaps_are_shared) {
  ens_array *array = ens_array_create(2, (size_t[]){3, 1}), *slice = ens_array_slice(array, 1, 2);
  ens_tree *tree = ens_tree_create();
  CHECK(ens_tree_set_array(ens_tree_add(tree, "whole"), array) && tree->child[0].array->data == array->data);
  CHECK(ens_tree_set_array(ens_tree_add(tree, "part"), slice) && tree->child[1].array->data == slice->data);
  ens_tree_destroy(tree);
  ens_array_release(array);
  ens_array_release(slice);
}

TEST(lack_of_memory_is_reported) {
#if SCARCE
  ens_array *column = make_column();
  bool done = false;
  for (long n = 0; !done; n++) {
    ens_tree *tree = ens_tree_create();
    scarce_left = n;
    done = fill(tree, column);
    scarce_left = -1;
    ens_tree_destroy(tree);
    CHECK(done == (n >= 13));
  }
  ens_array_release(column);
#endif
}

int main(void) {
  RUN(finds_by_path);
  RUN(arrays_without_gaps_are_shared);
  RUN(lack_of_memory_is_reported);
  return unit_report();
}
