# The viewer on a screen of its own (Xvfb, drawn by software): what its window shows, to the pixel.
if(TARGET latent-canvas-viewer)
  lc_add_test(NAME viewer
    SOURCES viewer_test.cpp viewer_png.cpp
    LIBS lc_cli_test lc_sample lc_format lc_io lc_core)
  add_dependencies(viewer latent-canvas-viewer)
  find_path(LC_STB_INCLUDE_DIR stb/stb_image.h REQUIRED)
  target_include_directories(viewer SYSTEM PRIVATE ${LC_STB_INCLUDE_DIR})
  target_compile_definitions(viewer PRIVATE LC_VIEWER_PROGRAM="$<TARGET_FILE:latent-canvas-viewer>")
endif()
