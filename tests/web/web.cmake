# One ctest entry a test file, run by node. They open the built site ${LC_SITE_DIR} and ask the native program.
find_program(LC_NODE node REQUIRED)
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.test.mjs)
foreach(file IN LISTS files)
  cmake_path(GET file STEM LAST_ONLY name)
  string(REPLACE ".test" "" name ${name})
  add_test(NAME web_${name} COMMAND ${LC_NODE} --test --test-reporter=spec ${file})
  set_tests_properties(web_${name} PROPERTIES
    ENVIRONMENT "LC_CLI=$<TARGET_FILE:latent-canvas>;LC_SITE_DIR=${LC_SITE_DIR};LC_SHOTS_DIR=${CMAKE_BINARY_DIR}/screenshots"
    TIMEOUT 600
    LABELS web
    RUN_SERIAL TRUE)  # browsers measured side by side would starve each other on a small machine
endforeach()
