# Tests of native/io.
find_package(ZLIB REQUIRED)
lc_add_test(NAME io SOURCES io_files.cpp io_images.cpp io_npy.cpp LIBS lc_io lc_core ZLIB::ZLIB)
