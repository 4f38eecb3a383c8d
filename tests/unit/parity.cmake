# What LibTorch said (tests/native/parity_test.cpp), compared again without it: natively and as wasm.
set(LC_PARITY_DIR "" CACHE PATH "More vectors for parity_replay: the folder parity/ of a build with the trainer")
lc_add_test(NAME parity_replay SOURCES parity_replay.cpp LIBS lc_nn lc_format)
target_compile_definitions(parity_replay PRIVATE LC_PARITY_DIR="${LC_PARITY_DIR}")
