lc_add_test(NAME nn SOURCES nn_layers_test.cpp LIBS lc_nn)
