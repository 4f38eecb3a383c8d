# lc_add_test(NAME name SOURCES ... LIBS ... [ARGS ...] [LABELS ...] [TIMEOUT seconds] [HOT])
# One GoogleTest program, one ctest entry; under Emscripten node runs it. Tests find the source tree's files through
# LC_SOURCE_DIR; in wasm that folder is mounted from the machine's file system.
function(lc_add_test)
  cmake_parse_arguments(arg "HOT" "NAME;TIMEOUT" "SOURCES;LIBS;ARGS;LABELS" ${ARGN})
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE lc_options lc_gtest ${arg_LIBS})
  # Tests that count allocations replace operator new and delete by malloc and free; where g++ inlines one of the two it
  # takes them for a mismatch.
  target_compile_options(${arg_NAME} PRIVATE -Wno-mismatched-new-delete)
  # What is tested is in the libraries; a test's own lines need not be fast, unless they are HOT, and compile in half the
  # time without optimisation, as wasm links in a fifth.
  if(NOT arg_HOT)
    if(LC_SANITIZE)
      target_compile_options(${arg_NAME} PRIVATE -O0)
    else()
      target_compile_options(${arg_NAME} PRIVATE -O1)
    endif()
    if(EMSCRIPTEN)
      target_link_options(${arg_NAME} PRIVATE -O1)
    endif()
  endif()
  target_compile_definitions(${arg_NAME} PRIVATE LC_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LC_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(EMSCRIPTEN)
    # NODERAWFS: the tests read files of the source tree. EXIT_RUNTIME: the exit code is the verdict.
    target_link_options(${arg_NAME} PRIVATE
      -sNODERAWFS=1 -sEXIT_RUNTIME=1 -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=1GB -sENVIRONMENT=node)
    # Plain node: emcmake adds a flag that today's node refuses, and Emscripten 3.1.6 would fetch() the module by its path.
    set_target_properties(${arg_NAME} PROPERTIES CROSSCOMPILING_EMULATOR "node;--no-experimental-fetch")
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} ${arg_ARGS})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  set_tests_properties(${arg_NAME} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}" SKIP_RETURN_CODE 77)
endfunction()
