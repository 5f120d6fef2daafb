/* The parts of a stream that are not worth inlining: a new block of words, and normal numbers by the method of Box
 * and Muller. */
#include "base/stream.h"

#include <math.h>

void ens_stream_refill(ens_stream *stream) {
  ens_stream_draw_block(stream);
}

double ens_stream_normal(ens_stream *stream) {
  double radius = sqrt(-2 * log(ens_stream_uniform(stream)));
  return radius * cos(6.283185307179586 * ens_stream_uniform(stream));
}
