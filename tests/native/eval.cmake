# Each metric against an independent computation: closed forms, points by hand, and NumPy.
lc_add_test(NAME eval
  SOURCES eval_metrics_test.cpp eval_likelihood_test.cpp eval_numpy_test.cpp
  LIBS lc_eval lc_session lc_io)
find_program(LC_PYTHON python3 HINTS /usr/bin)
target_compile_definitions(eval PRIVATE LC_PYTHON="${LC_PYTHON}")
