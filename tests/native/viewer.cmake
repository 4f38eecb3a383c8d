# The viewer on a screen of its own (Xvfb, drawn by software): what its window shows, to the pixel.
if(TARGET latent-canvas-viewer)
  find_path(LC_STB_INCLUDE_DIR stb/stb_image.h REQUIRED)
  # What the interface saves, read by another program's decoder.
  lc_add_test(NAME viewer_files
    SOURCES viewer_files_test.cpp
    LIBS lc_ui lc_core)
  target_include_directories(viewer_files SYSTEM PRIVATE ${LC_STB_INCLUDE_DIR})
  lc_add_test(NAME viewer
    SOURCES viewer_test.cpp viewer_png.cpp
    LIBS lc_cli_test lc_sample lc_format lc_io lc_core)
  add_dependencies(viewer latent-canvas-viewer)
  target_include_directories(viewer SYSTEM PRIVATE ${LC_STB_INCLUDE_DIR})
  target_compile_definitions(viewer PRIVATE LC_VIEWER_PROGRAM="$<TARGET_FILE:latent-canvas-viewer>")
endif()
