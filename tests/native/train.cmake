# Tests that link LibTorch share the trainer's precompiled header, and so its way of making position-independent code.
if(TARGET lc_train_core)
  function(lc_add_train_test name)
    lc_add_test(NAME ${name} SOURCES ${name}.cpp LIBS lc_train_core ${ARGN})
    target_compile_options(${name} PRIVATE -fPIC)
    target_precompile_headers(${name} REUSE_FROM lc_train_core)
  endfunction()
  lc_add_train_test(train_parts_test)
  lc_add_train_test(train_run_test)
  lc_add_train_test(train_critics_test)
  lc_add_train_test(train_pictures_test)
  lc_add_train_test(train_families_test)
  lc_add_train_test(train_autoencoders_test)

  lc_add_test(NAME train_process_test SOURCES train_process_test.cpp
    LIBS lc_data lc_io lc_format nlohmann_json::nlohmann_json)
  target_compile_definitions(train_process_test PRIVATE LC_TRAINER="$<TARGET_FILE:latent-canvas-train>")
  add_dependencies(train_process_test latent-canvas-train)
endif()
