/* Feeds bytes as a file to the reader of text tables (libFuzzer). For any bytes, a sanitizer finds no fault, and the
 * result is a frame of whole columns, or an empty one with a message that names the file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/text/csv.h"

static void require(int condition) {
  if (!condition) abort();
}

static void check_frame(const ens_frame *frame) {
  require(frame->ncolumns > 0 && frame->nrows > 0);
  for (size_t i = 0; i < frame->ncolumns; i++) {
    require(frame->name[i][0] != '\0');
    require(ens_array_size(frame->column[i]) == frame->nrows);
    (void)ens_array_sum(frame->column[i]);
  }
}

static void check_error(const ens_frame *frame, ens_status status, const ens_error *error, const char *path) {
  require(status == ENS_CONFIG && error->status == status);
  require(strncmp(ens_error_text(error), path, strlen(path)) == 0);
  require(strpbrk(ens_error_text(error), "\n\r\033") == NULL);
  require(frame->ncolumns == 0 && !frame->name && !frame->column);
}

static void read_as(const char *path, const ens_csv_options *options) {
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_csv_read(path, options, &frame, &error);
  if (status) {
    check_error(&frame, status, &error, path);
  } else {
    check_frame(&frame);
  }
  ens_frame_free(&frame);
  ens_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  int file = memfd_create("csv", 0);
  require(file >= 0 && write(file, data, size) == (ssize_t)size);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  read_as(path, NULL);
  read_as(path, &(ens_csv_options){.delimiter = ' ', .header = 1});
  read_as(path, &(ens_csv_options){.delimiter = ';', .comment = '%', .header = 0});
  close(file);
  return 0;
}
