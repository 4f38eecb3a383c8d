# Each metric against an independent computation: closed forms, points by hand, and NumPy.
lc_add_test(NAME eval
  SOURCES eval_metrics_test.cpp eval_likelihood_test.cpp eval_numpy_test.cpp
  LIBS lc_eval lc_session lc_io)
find_program(LC_PYTHON python3 HINTS /usr/bin)
target_compile_definitions(eval PRIVATE LC_PYTHON="${LC_PYTHON}")
lc_add_test(NAME cli_eval
  SOURCES cli_eval_test.cpp
  LIBS lc_cli_test lc_sample lc_format lc_core nlohmann_json::nlohmann_json)
