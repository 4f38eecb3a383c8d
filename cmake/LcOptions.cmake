# lc_options: what every target of our own is compiled with. Link it PRIVATE.
add_library(lc_options INTERFACE)
target_compile_features(lc_options INTERFACE cxx_std_17)
target_include_directories(lc_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(lc_options INTERFACE LC_VERSION="${PROJECT_VERSION}")
target_compile_options(lc_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(EMSCRIPTEN)
  # Errors are values, so that the engine stays small; RTTI is unused.
  target_compile_options(lc_options INTERFACE -fno-exceptions -fno-rtti)
endif()
if(LC_SANITIZE)
  # Of the integer checks, those that are undefined behaviour in C++; the first finding ends the test.
  target_compile_options(lc_options INTERFACE -fsanitize=${LC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lc_options INTERFACE -fsanitize=${LC_SANITIZE})
endif()
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
