lc_add_test(NAME data_test SOURCES data_test.cpp LIBS lc_data lc_io ZLIB::ZLIB)
