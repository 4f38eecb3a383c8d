# Tests that link LibTorch share the trainer's precompiled header, and so its way of making position-independent code.
if(TARGET lc_train_core)
  function(lc_add_train_test name)
    lc_add_test(NAME ${name} SOURCES ${name}.cpp LIBS lc_train_core ${ARGN})
    target_compile_options(${name} PRIVATE -fPIC)
    target_precompile_headers(${name} REUSE_FROM lc_train_core)
  endfunction()
  lc_add_train_test(train_parts_test)
  lc_add_train_test(train_keeping_test)
  lc_add_train_test(train_run_test)
  lc_add_train_test(train_critics_test)
  lc_add_train_test(train_pictures_test)
  lc_add_train_test(train_families_test)
  lc_add_train_test(train_autoencoders_test)
  lc_add_train_test(train_ranks_test)
  lc_add_train_test(train_kills_test)
  lc_add_train_test(train_script_test)
  target_compile_definitions(train_script_test PRIVATE LC_CLI="$<TARGET_FILE:latent-canvas>")
  add_dependencies(train_script_test latent-canvas latent-canvas-train)
  lc_add_train_test(train_steps_test)
  lc_add_train_test(train_cuda_test)

  lc_add_test(NAME train_process_test SOURCES train_process_test.cpp
    LIBS lc_data lc_io lc_format nlohmann_json::nlohmann_json)
  find_program(LC_PYTHON python3 HINTS /usr/bin)
  target_compile_definitions(train_process_test PRIVATE LC_TRAINER="$<TARGET_FILE:latent-canvas-train>"
    LC_PYTHON="${LC_PYTHON}")
  add_dependencies(train_process_test latent-canvas-train)
  # A thousand kills, and a fault at each call of a save: `make test-long`.
  add_test(NAME train_kills_long COMMAND train_kills_test)
  set_tests_properties(train_kills_long PROPERTIES LABELS long TIMEOUT 7200 ENVIRONMENT LC_KILLS=1000)
  add_test(NAME train_process_long COMMAND train_process_test --gtest_filter=*Disk*:*AnyOfItsCalls)
  set_tests_properties(train_process_long PROPERTIES LABELS long TIMEOUT 7200 ENVIRONMENT LC_LONG=1)

  lc_add_test(NAME train_launch_test SOURCES train_launch_test.cpp
    LIBS lc_data lc_io lc_format nlohmann_json::nlohmann_json)
  target_compile_definitions(train_launch_test PRIVATE LC_TRAINER="$<TARGET_FILE:latent-canvas-train>")
  add_dependencies(train_launch_test latent-canvas-train)
endif()
