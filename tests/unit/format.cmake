# The sample model, for the tests of every folder.
add_library(lc_sample STATIC sample_model.cpp)
target_link_libraries(lc_sample PUBLIC lc_format PRIVATE lc_options)

# gtest is compiled without RTTI for wasm, and cereal's headers need it: what cereal says is checked natively.
if(NOT EMSCRIPTEN)
  set(cereal_test format_cereal_test.cpp)
endif()

lc_add_test(NAME format
  SOURCES format_bad_bytes.cpp format_bad_files.cpp format_bad_test.cpp ${cereal_test} format_golden_test.cpp
          format_roundtrip_test.cpp format_shipped_test.cpp
  LIBS lc_sample lc_format lc_core lc_cereal HOT)

# Its own program, because it replaces operator new.
lc_add_test(NAME format_memory
  SOURCES format_bad_bytes.cpp format_bad_files.cpp format_memory_test.cpp
  LIBS lc_sample lc_format lc_core)
