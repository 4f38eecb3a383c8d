lc_add_test(NAME nn
  SOURCES nn_layers_test.cpp nn_errors_test.cpp nn_graph_test.cpp
  LIBS lc_session)
