# One ctest entry a test file, run by node. They open the built site ${LC_SITE_DIR} and ask the native
# program. What is named here must be there; run by hand without these variables, the tests skip what they
# lack and say so.
find_program(LC_NODE node REQUIRED)
find_program(LC_CHROMIUM chromium REQUIRED)
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.test.mjs)
foreach(file IN LISTS files)
  cmake_path(GET file STEM LAST_ONLY name)
  string(REPLACE ".test" "" name ${name})
  add_test(NAME web_${name} COMMAND ${LC_NODE} --test --test-reporter=spec ${file})
  set_tests_properties(web_${name} PROPERTIES
    ENVIRONMENT "LC_CLI=$<TARGET_FILE:latent-canvas>;LC_SITE_DIR=${LC_SITE_DIR};LC_CHROMIUM=${LC_CHROMIUM};LC_SHOTS_DIR=${CMAKE_BINARY_DIR}/screenshots"
    TIMEOUT 600
    LABELS web
    RESOURCE_LOCK browser)  # browsers side by side would starve each other on a small machine
endforeach()
