lc_add_test(NAME core
  SOURCES core_half_test.cpp core_random_test.cpp core_statistics_test.cpp core_status_test.cpp core_text_test.cpp
  LIBS lc_core)
