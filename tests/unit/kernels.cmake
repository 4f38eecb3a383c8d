lc_add_test(NAME kernels SOURCES kernels_matrix_test.cpp kernels_activation_test.cpp kernels_norm_test.cpp LIBS lc_kernels lc_core)
