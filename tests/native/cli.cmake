# latent-canvas, run as a user would. The sample model and the bad files are those of tests/unit.
add_library(lc_cli_test STATIC cli_program.cpp)
target_link_libraries(lc_cli_test PRIVATE lc_options lc_gtest)
target_compile_definitions(lc_cli_test PRIVATE LC_CLI_PROGRAM="$<TARGET_FILE:latent-canvas>")
add_dependencies(lc_cli_test latent-canvas)

lc_add_test(NAME cli
  SOURCES cli_manners_test.cpp cli_models_test.cpp cli_saving_test.cpp ../unit/format_bad_bytes.cpp ../unit/format_bad_files.cpp
  LIBS lc_cli_test lc_sample lc_format lc_io lc_core nlohmann_json::nlohmann_json)
# The system's Python first: Debian's python3-numpy belongs to it.
find_program(LC_PYTHON python3 HINTS /usr/bin)
target_compile_definitions(cli PRIVATE LC_CLI_PROGRAM="$<TARGET_FILE:latent-canvas>" LC_PYTHON="${LC_PYTHON}")
