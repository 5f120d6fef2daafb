/* The parts of the store without a file: codecs, the decision to try compression, and the text of per_worker. */
#include "store/format/codec.h"
#include "store/format/workers.h"

#include <locale.h>
#include <stdlib.h>

#include "unit.h"

TEST(a_trial_that_fails_is_not_soon_repeated) {
  ens_codec_trial trial = {0, 0};
  static const unsigned char zeros[64];
  for (unsigned failures = 0; failures < 10; failures++) {
    CHECK(ens_codec_trial_ask(&trial, zeros, sizeof zeros));
    ens_codec_trial_tell(&trial, false);
    unsigned skipped = 0;
    while (!ens_codec_trial_ask(&trial, zeros, sizeof zeros)) skipped++;
    CHECK(skipped == (failures < 6 ? 1U << failures : 64U));
  }
  ens_codec_trial_tell(&trial, true);
  CHECK(ens_codec_trial_ask(&trial, zeros, sizeof zeros));
  ens_codec_trial_tell(&trial, false);
  CHECK(!ens_codec_trial_ask(&trial, zeros, sizeof zeros));
  CHECK(ens_codec_trial_ask(&trial, zeros, sizeof zeros));
}

/* For much data, a sample decides. */
TEST(a_sample_decides) {
  size_t size = (size_t)1 << 20;
  unsigned char *data = calloc(size, 1);
  if (!data) return;
  ens_codec_trial trial = {0, 0};
  CHECK(ens_codec_trial_ask(&trial, data, size));
  for (uint64_t i = 0, x = 1; i < size; i++) data[i] = (unsigned char)((x = x * 6364136223846793005u + 1) >> 56);
  CHECK(!ens_codec_trial_ask(&trial, data, size));
  CHECK(trial.failures == 1 && trial.skip == 1);
  free(data);
}

TEST(packing) {
  unsigned char data[1000] = {0}, packed[1000], out[1000];
  for (size_t i = 0; i < 500; i++) data[i] = (unsigned char)(i % 7);
  size_t size = sizeof packed;
  CHECK(ens_codec_pack(data, sizeof data, packed, &size));
  CHECK(size < 100);
  CHECK(ens_codec_unpack("zlib", packed, size, out, sizeof out) == ENS_OK && !memcmp(data, out, sizeof out));
  CHECK(ens_codec_unpack("zlib", packed, size - 1, out, sizeof out) == ENS_IO);
  CHECK(ens_codec_unpack("zlib", packed, size, out, sizeof out - 1) == ENS_IO);
  CHECK(ens_codec_unpack("zlib", data, size, out, sizeof out) == ENS_IO);
  CHECK(ens_codec_unpack("zlib", NULL, size, out, sizeof out) == ENS_IO);
  CHECK(ens_codec_unpack("raw", data, sizeof data, out, sizeof out) == ENS_OK && !memcmp(data, out, sizeof out));
  CHECK(ens_codec_unpack("raw", data, sizeof data, out, sizeof out - 1) == ENS_IO);
  size = 10;
  CHECK(!ens_codec_pack(data, sizeof data, packed, &size));
  CHECK(!ens_codec_is_plausible("zlib", 100, (size_t)1 << 40));
  CHECK(ens_codec_is_known("raw") && ens_codec_is_known("zlib") && !ens_codec_is_known("zstd"));
  CHECK(ens_codec_crc(0, "123456789", 9) == 0xcbf43926);
  CHECK(ens_codec_crc(ens_codec_crc(0, "1234", 4), "56789", 5) == 0xcbf43926);
}

static void check_parse(const char *text, size_t want) {
  ens_error error = ENS_ERROR_NONE;
  ens_evaluator_stats *worker;
  size_t nworkers;
  CHECK(ens_workers_parse(text, &worker, &nworkers, &error) == ENS_OK);
  if (nworkers != want) fprintf(stderr, "%s\n  has %zu workers, not %zu\n", text ? text : "NULL", nworkers, want);
  CHECK(nworkers == want);
  free(worker);
}

/* Also in a locale with a decimal comma, if the machine has one. */
TEST(workers) {
  ens_evaluator_stats in[3] = {
      {0, 0, 0, 0, ""}, {4294967295u, 1, UINT64_MAX, 1234567.25, "node-7.x"}, {1, 2, 3, 0.0000014, ""}};
  setlocale(LC_ALL, "de_DE.UTF-8");
  char *text = ens_workers_format(in, 3);
  setlocale(LC_ALL, "C");
  CHECK(text != NULL);
  if (!text) return;
  CHECK_STRING(text,
               "[{\"rank\":0,\"worker\":0,\"evaluations\":0,\"busy_s\":0.000000},"
               "{\"rank\":4294967295,\"worker\":1,\"host\":\"node-7.x\",\"evaluations\":18446744073709551615,\"busy_"
               "s\":1234567.250000},"
               "{\"rank\":1,\"worker\":2,\"evaluations\":3,\"busy_s\":0.000001}]");
  ens_evaluator_stats *out;
  size_t n;
  CHECK(ens_workers_parse(text, &out, &n, NULL) == ENS_OK && n == 3);
  if (n == 3)
    CHECK(out[1].rank == 4294967295u && out[1].evaluations == UINT64_MAX && out[1].busy_s == 1234567.25 &&
          strcmp(out[1].host, "node-7.x") == 0 && out[2].worker == 2 && !*out[2].host);
  free(out);
  free(text);
}

TEST(workers_that_are_not) {
  check_parse(NULL, 0);
  check_parse("", 0);
  check_parse("[]", 0);
  check_parse("{{{{{{{{", 0);
  check_parse("[{\"rank\":0,\"worker\":0,\"evaluations\":0,\"busy_s\":0.000000}", 1);
  check_parse("[{\"rank\":0,\"worker\":0,\"evaluations\":0,\"busy_s\":0.000000},{\"rank\":-1}]", 1);
  check_parse("[{\"rank\":4294967296,\"worker\":0,\"evaluations\":0,\"busy_s\":0.000000}]", 0);
  check_parse("[{\"rank\":0,\"worker\":0,\"evaluations\":18446744073709551616,\"busy_s\":0.000000}]", 0);
  check_parse("[{\"rank\":0,\"worker\":0,\"evaluations\":0,\"busy_s\":0.00}]", 0);
  check_parse("[{\"rank\":0,\"worker\":0,\"evaluations\":0,\"busy_s\":nan}]", 0);
}

int main(void) {
  RUN(a_trial_that_fails_is_not_soon_repeated);
  RUN(a_sample_decides);
  RUN(packing);
  RUN(workers);
  RUN(workers_that_are_not);
  return unit_report();
}
