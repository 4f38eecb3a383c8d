lc_add_test(NAME session
  SOURCES session_engine_test.cpp session_latents_test.cpp session_scheduler_test.cpp session_tasks_test.cpp
  LIBS lc_session)
if(NOT EMSCRIPTEN)
  lc_add_test(NAME session_pool SOURCES session_pool_test.cpp LIBS lc_session)
endif()
