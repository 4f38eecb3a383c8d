# What LibTorch said (tests/native/parity_test.cpp), compared again without it: natively and as wasm.
lc_add_test(NAME parity_replay SOURCES parity_replay.cpp LIBS lc_nn lc_format)
