// latent-canvas-train, which `latent-canvas train` starts.
#include <malloc.h>

#include "native/train/command.h"

int main(int argc, char** argv) {
  // A training step frees and takes the same few blocks again: keep them instead of returning them to the
  // system (a quarter of a small model's step).
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000000000);
  return lc::train::train_command(argc, argv);
}
