/* Shared arrays: shapes, views, reference counts, sums. */
#include "data/array.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include "unit.h"

static ens_array *counted(size_t rank, const size_t *shape) {
  ens_array *array = ens_array_create(rank, shape);
  size_t size = array ? ens_array_size(array) : 0;
  for (size_t i = 0; i < size; i++) array->data[i] = (double)i;
  return array;
}

TEST(create_is_zero_and_row_major) {
  ens_array *array = ens_array_create(3, (size_t[]){2, 3, 4});
  CHECK(array != NULL);
  CHECK(ens_array_size(array) == 24);
  CHECK(array->stride[0] == 12 && array->stride[1] == 4 && array->stride[2] == 1);
  for (size_t i = 0; i < 24; i++) CHECK(array->data[i] == 0);
  ens_array_release(array);
  ens_array_release(NULL);
}

TEST(create_rejects_shapes_too_large_to_address) {
  CHECK(ens_array_create(1, (size_t[]){SIZE_MAX}) == NULL);
  CHECK(ens_array_create(2, (size_t[]){SIZE_MAX / 2, SIZE_MAX / 2}) == NULL);
  CHECK(ens_array_create(2, (size_t[]){(size_t)1 << 32, (size_t)1 << 32}) == NULL); /* the product wraps to 0 */
  CHECK(ens_array_create(3, (size_t[]){0, (size_t)1 << 40, (size_t)1 << 40}) == NULL);
}

TEST(zero_extents_are_empty_arrays) {
  ens_array *array = ens_array_create(2, (size_t[]){0, 3});
  CHECK(array && ens_array_size(array) == 0);
  ens_array *column = ens_array_pick(array, 1, 2), *none = ens_array_slice(array, 0, 0), *copy = ens_array_copy(column);
  CHECK(column->rank == 1 && ens_array_size(column) == 0);
  CHECK(ens_array_size(none) == 0 && ens_array_size(copy) == 0);
  CHECK(ens_array_sum(column) == 0);
  CHECK(isnan(ens_array_mean(column)));
  ens_array_release(array);
  ens_array_release(column);
  ens_array_release(none);
  ens_array_release(copy);
}

TEST(pick_gives_rows_columns_and_planes) {
  ens_array *cube = counted(3, (size_t[]){2, 3, 4});
  ens_array *middle = ens_array_pick(cube, 1, 2), *row = ens_array_pick(middle, 0, 1),
            *col = ens_array_pick(middle, 1, 3);
  CHECK(middle->rank == 2 && middle->shape[0] == 2 && middle->shape[1] == 4);
  double out[8];
  ens_array_gather(middle, out);
  const double expected[] = {8, 9, 10, 11, 20, 21, 22, 23};
  for (size_t i = 0; i < 8; i++) CHECK_NEAR(out[i], expected[i], 0);
  ens_array_gather(row, out);
  for (size_t i = 0; i < 4; i++) CHECK_NEAR(out[i], expected[4 + i], 0);
  ens_array_gather(col, out);
  CHECK(col->shape[0] == 2 && out[0] == 11 && out[1] == 23);
  ens_array_release(cube); /* the views keep the memory */
  CHECK(row->data[0] == 20);
  ens_array_release(middle);
  ens_array_release(row);
  ens_array_release(col);
}

TEST(slice_of_a_column_is_strided) {
  ens_array *table = counted(2, (size_t[]){5, 2}), *column = ens_array_pick(table, 1, 1);
  ens_array *part = ens_array_slice(column, 1, 3), *end = ens_array_slice(column, 5, 0), *copy = ens_array_copy(part);
  CHECK(ens_array_size(part) == 3 && ens_array_size(end) == 0);
  CHECK(part->data == table->data + 3 && part->stride[0] == 2);
  CHECK(copy->data != part->data && copy->stride[0] == 1);
  CHECK(copy->data[0] == 3 && copy->data[1] == 5 && copy->data[2] == 7);
  CHECK_NEAR(ens_array_sum(part), 15, 0);
  CHECK_NEAR(ens_array_mean(part), 5, 0);
  CHECK_NEAR(ens_array_dot(part, copy), 9 + 25 + 49, 0);
  ens_array_release(table);
  ens_array_release(column);
  ens_array_release(part);
  ens_array_release(end);
  ens_array_release(copy);
}

TEST(all_ranks_gather_in_order) {
  size_t shape[ENS_ARRAY_MAX_RANK] = {2, 1, 3, 2, 1, 2, 3, 2};
  for (size_t rank = 1; rank <= ENS_ARRAY_MAX_RANK; rank++) {
    ens_array *array = counted(rank, shape), *copy = ens_array_copy(array);
    for (size_t i = 0; i < ens_array_size(array); i++) CHECK(copy->data[i] == (double)i);
    ens_array_release(array);
    ens_array_release(copy);
  }
}

/* Added in order, a million times 0.1 is wrong by 1.3e-6; a pairwise sum by a few units in the last place. */
TEST(sum_is_accurate) {
  ens_array *array = ens_array_create(1, (size_t[]){1000000});
  for (size_t i = 0; i < 1000000; i++) array->data[i] = 0.1;
  CHECK_NEAR(ens_array_sum(array), 100000.0, 1e-9);
  CHECK_NEAR(ens_array_dot(array, array), 10000.0, 1e-9);
  ens_array_release(array);
}

TEST(sum_of_a_view_has_the_bits_of_its_copys) {
  for (size_t rows = 1; rows < 2000; rows = rows * 2 + 1) {
    ens_array *table = ens_array_create(2, (size_t[]){rows, 3});
    for (size_t i = 0; i < rows * 3; i++) table->data[i] = 1.0 / (double)(i + 1);
    ens_array *view = ens_array_pick(table, 1, 1), *copy = ens_array_copy(view);
    CHECK(ens_array_sum(view) == ens_array_sum(copy));
    CHECK(ens_array_dot(view, view) == ens_array_dot(copy, copy));
    double plain = 0;
    for (size_t i = 0; i < rows; i++) plain += copy->data[i];
    CHECK_NEAR(ens_array_sum(view), plain, 1e-13 * plain);
    ens_array_release(table);
    ens_array_release(view);
    ens_array_release(copy);
  }
}

static void *share(void *array) {
  for (int i = 0; i < 2000; i++) {
    ens_array *mine = ens_array_retain(array), *view = ens_array_slice(mine, 1, 2);
    ens_array_release(mine);
    if (view->data[0] != 1) return array;
    ens_array_release(view);
  }
  ens_array_release(array);
  return NULL;
}

TEST(threads_share_one_memory) {
  ens_array *array = counted(1, (size_t[]){4});
  pthread_t thread[4];
  for (size_t i = 0; i < 4; i++) CHECK(pthread_create(&thread[i], NULL, share, ens_array_retain(array)) == 0);
  ens_array_release(array); /* the last thread frees it: the address sanitizer sees a leak or a double free */
  for (size_t i = 0; i < 4; i++) {
    void *failed;
    pthread_join(thread[i], &failed);
    CHECK(failed == NULL);
  }
}

static void count_release(void *count) {
  ++*(int *)count;
}

TEST(adopted_memory_is_released_once_with_the_last_handle) {
  static const double numbers[] = {0, 1, 2, 3, 4, 5};
  int released = 0;
  ens_array *array = ens_array_adopt(numbers, 2, (size_t[]){2, 3}, (ptrdiff_t[]){1, 2}, count_release, &released);
  CHECK(array && array->data == numbers && ens_array_size(array) == 6);
  ens_array *row = ens_array_pick(array, 0, 1), *copy = ens_array_copy(row);
  CHECK(row->data[0] == 1 && row->data[row->stride[0]] == 3);
  CHECK(copy->data[0] == 1 && copy->data[1] == 3 && copy->data[2] == 5);
  ens_array_release(array);
  ens_array_release(copy);
  CHECK(released == 0);
  ens_array_release(row);
  CHECK(released == 1);
  ens_array_release(ens_array_adopt(numbers, 1, (size_t[]){6}, (ptrdiff_t[]){1}, NULL, NULL));
}

TEST(the_diagonal_is_a_view) {
  ens_array *table = counted(2, (size_t[]){2, 3}), *diagonal = ens_array_diagonal(table);
  CHECK(!ens_array_is_sole(table));
  CHECK(diagonal->rank == 1 && diagonal->shape[0] == 2 && diagonal->data == table->data && diagonal->stride[0] == 4);
  ens_array_release(table);
  CHECK(ens_array_is_sole(diagonal));
  ens_array_release(diagonal);
}

TEST(an_array_without_gaps_is_dense) {
  ens_array *table = counted(2, (size_t[]){2, 3}), *row = ens_array_pick(table, 0, 1),
            *column = ens_array_pick(table, 1, 1);
  ens_array *rows = ens_array_slice(table, 1, 1);
  CHECK(ens_array_is_dense(table) && ens_array_is_dense(row) && ens_array_is_dense(rows));
  CHECK(!ens_array_is_dense(column));
  ens_array_release(table);
  ens_array_release(row);
  ens_array_release(rows);
  ens_array_release(column);
}

TEST(crc_is_of_the_row_major_bytes) {
  ens_array *table = counted(2, (size_t[]){700, 3}), *column = ens_array_pick(table, 1, 2);
  ens_array *copy = ens_array_copy(column);
  CHECK(ens_array_crc32(column, 7) == crc32_z(7, (const Bytef *)copy->data, 700 * sizeof(double)));
  CHECK(ens_array_crc32(table, 0) == crc32_z(0, (const Bytef *)table->data, 2100 * sizeof(double)));
  ens_array_release(table);
  ens_array_release(column);
  ens_array_release(copy);
}

int main(void) {
  RUN(create_is_zero_and_row_major);
  RUN(create_rejects_shapes_too_large_to_address);
  RUN(zero_extents_are_empty_arrays);
  RUN(pick_gives_rows_columns_and_planes);
  RUN(slice_of_a_column_is_strided);
  RUN(all_ranks_gather_in_order);
  RUN(sum_is_accurate);
  RUN(sum_of_a_view_has_the_bits_of_its_copys);
  RUN(threads_share_one_memory);
  RUN(adopted_memory_is_released_once_with_the_last_handle);
  RUN(the_diagonal_is_a_view);
  RUN(an_array_without_gaps_is_dense);
  RUN(crc_is_of_the_row_major_bytes);
  return unit_report();
}
