add_library(lc_sample STATIC sample_model.cpp)
target_link_libraries(lc_sample PUBLIC lc_format PRIVATE lc_options)

lc_add_test(NAME format
  SOURCES format_bad_bytes.cpp format_bad_files.cpp format_bad_test.cpp
  LIBS lc_sample lc_format lc_core)
