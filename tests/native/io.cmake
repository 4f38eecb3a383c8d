# Tests of native/io.
find_package(ZLIB REQUIRED)
lc_add_test(NAME io SOURCES io_files_test.cpp io_gif_test.cpp io_images_test.cpp io_npy_test.cpp LIBS lc_io lc_core ZLIB::ZLIB)
